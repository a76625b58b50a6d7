package io.loggregator.cli.traffic;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * An app of the sample.
 *
 * @param name as its developer calls it
 * @param id its app id, the same in every run
 * @param route the host of its requests
 * @param instances how many there are
 * @param share its part of the traffic, against the other apps'
 * @param paths what is requested of it
 * @param lines what it logs; {@code %d} stands for a number
 * @param failure the type and message of the exception that it throws now and then
 */
public record SampleApp(
        String name,
        String id,
        String route,
        int instances,
        int share,
        List<String> paths,
        List<String> lines,
        String failure) {

    private static SampleApp of(
            String name, int instances, int share, List<String> paths, List<String> lines, String failure) {
        String id = UUID.nameUUIDFromBytes(("sample-app-" + name).getBytes(StandardCharsets.UTF_8))
                .toString();
        return new SampleApp(name, id, name + ".apps.example.com", instances, share, paths, lines, failure);
    }

    /** All apps of the sample, the busiest first. */
    public static List<SampleApp> all() {
        return List.of(
                of(
                        "storefront",
                        3,
                        6,
                        List.of("/", "/products", "/products/%d", "/cart", "/search?q=lamp"),
                        List.of(
                                "Rendered product page for item %d",
                                "Cart updated, %d items",
                                "Cache miss for key product:%d, loading",
                                "Session %d started"),
                        "java.lang.IllegalStateException: no price for item %d"),
                of(
                        "orders-api",
                        2,
                        4,
                        List.of("/v1/orders", "/v1/orders/%d", "/v1/orders/%d/items", "/healthz"),
                        List.of(
                                "INFO  o.e.orders.OrderService : accepted order %d",
                                "INFO  o.e.orders.OrderService : order %d shipped",
                                "DEBUG o.e.orders.StockClient : reserving stock for order %d"),
                        "java.util.concurrent.TimeoutException: stock service did not answer within %d ms"),
                of(
                        "payments",
                        2,
                        2,
                        List.of("/charge", "/refund/%d", "/healthz"),
                        List.of(
                                "{\"level\":\"info\",\"event\":\"charged\",\"amount_cents\":%d}",
                                "{\"level\":\"info\",\"event\":\"refunded\",\"amount_cents\":%d}",
                                "{\"level\":\"warn\",\"event\":\"retry\",\"after_ms\":%d}"),
                        "java.net.SocketTimeoutException: read timed out after %d ms"),
                of(
                        "mailer",
                        1,
                        1,
                        List.of("/healthz"),
                        List.of(
                                "sent %d messages",
                                "queue length %d", "template 'order-confirmation' rendered in %d ms"),
                        "jakarta.mail.MessagingException: connection %d closed by server"));
    }
}
