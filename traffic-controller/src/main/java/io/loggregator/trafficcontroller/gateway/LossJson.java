package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.JsonRenderer;
import java.util.Arrays;
import java.util.Set;

/** Word of a loss in the form of {@link io.loggregator.trafficcontroller.subscription.Form#JSON}. */
final class LossJson {
    private static final int LARGEST = 1 << 20;
    private static final String PLATFORM = "system";

    private LossJson() {}

    /** The notice for a reader, as JSON objects with a comma behind each. */
    static byte[] of(Loss loss, Subscription subscription, String client) {
        Set<String> sources = subscription.selection().sources().orElse(Set.of());
        String source = sources.size() == 1 ? sources.iterator().next() : PLATFORM;
        byte[] batch = loss.notice(subscription.selection(), source, client).v2();
        ByteSink json = new ByteSink(LARGEST);
        JsonRenderer renderer = new JsonRenderer();
        BatchRecords records = new BatchRecords().over(batch, 0, batch.length);
        while (records.next()) {
            renderer.render(batch, records.start(), records.end(), json);
            json.raw(',');
        }
        return Arrays.copyOf(json.bytes(), json.end());
    }
}
