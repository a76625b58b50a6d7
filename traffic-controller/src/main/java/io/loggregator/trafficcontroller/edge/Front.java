package io.loggregator.trafficcontroller.edge;

import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What stands in front of the Loggregator port, and who hears of what comes through it.
 *
 * @param proxies who is believed what it says about its clients
 * @param proxyProtocol how connections begin
 * @param requests told of each request, on an event loop: how its client's address is known, one of {@code direct},
 *     {@code proxy_protocol}, {@code forwarded}; and what the client speaks, {@code http} or {@code https}
 * @param securityEvents takes a line about each request before it is handled, without its end of line; called on event
 *     loops, must not block; null if nobody wants them
 * @param address this server's own address, as the security events name it
 */
public record Front(
        TrustedProxies proxies,
        ProxyProtocol proxyProtocol,
        BiConsumer<String, String> requests,
        Consumer<String> securityEvents,
        String address) {
    /** Nothing: clients connect by themselves. */
    public static final Front NONE = new Front(TrustedProxies.NONE, ProxyProtocol.OFF, (via, scheme) -> {}, null, "");

    public Front {
        Objects.requireNonNull(proxies, "proxies");
        Objects.requireNonNull(proxyProtocol, "proxyProtocol");
        Objects.requireNonNull(requests, "requests");
        Objects.requireNonNull(address, "address");
    }
}
