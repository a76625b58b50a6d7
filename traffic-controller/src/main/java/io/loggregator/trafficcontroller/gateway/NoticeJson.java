package io.loggregator.trafficcontroller.gateway;

import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LagNotice;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.JsonRenderer;
import java.util.Arrays;
import java.util.Set;

/** Notices in the form of {@link io.loggregator.trafficcontroller.subscription.Form#JSON}. */
final class NoticeJson {
    private static final int LARGEST = 1 << 20;
    private static final String PLATFORM = "system";

    private NoticeJson() {}

    /** Word of a loss for a reader, as JSON objects with a comma behind each. */
    static byte[] of(Loss loss, Subscription subscription, String client) {
        return json(loss.notice(subscription.selection(), source(subscription), client)
                .v2());
    }

    /** Word that a reader lags, in the same form; empty if it reads nothing of such a kind. */
    static byte[] of(Lag lag, long number, Subscription subscription, String client) {
        return json(new LagNotice(subscription.selection(), source(subscription), lag, number, client).v2());
    }

    private static String source(Subscription subscription) {
        Set<String> sources = subscription.selection().sources().orElse(Set.of());
        return sources.size() == 1 ? sources.iterator().next() : PLATFORM;
    }

    private static byte[] json(byte[] batch) {
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
