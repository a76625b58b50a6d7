package io.loggregator.trafficcontroller.access;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.trafficcontroller.edge.Pipeline;
import io.loggregator.trafficcontroller.edge.RecentPast;
import io.vertx.core.Future;
import java.util.Iterator;
import java.util.Optional;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;

/** Finds the space of an app: the tag {@code space_id} of the newest log line or container metric that is known of it. */
final class AppSpaces {
    private static final String TAG = "space_id";

    private final Pipeline pipeline;

    AppSpaces(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    /** The space's guid; empty when nothing recent of the app tells it. */
    Future<Optional<String>> of(String app) {
        return pipeline.recentLogs(app, 1)
                .map(AppSpaces::space)
                .compose(space -> space.isPresent()
                        ? Future.succeededFuture(space)
                        : pipeline.containerMetrics(app).map(AppSpaces::space));
    }

    private static Optional<String> space(RecentPast past) {
        try {
            return space(past.envelopes());
        } finally {
            past.over().run();
        }
    }

    private static Optional<String> space(Iterator<byte[]> envelopes) {
        while (envelopes.hasNext()) {
            try {
                String space = Envelope.parseFrom(envelopes.next()).getTagsOrDefault(TAG, "");
                if (!space.isEmpty()) {
                    return Optional.of(space);
                }
            } catch (InvalidProtocolBufferException notOurs) {
                // One that does not tell is as good as none.
            }
        }
        return Optional.empty();
    }
}
