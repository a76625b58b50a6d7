package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.Optional;

/**
 * Says who may read what. Called on the event loop of the request, once per request, and for open streams again
 * from time to time. A future that fails means that nobody could say; the client is answered 500 with an empty body.
 *
 * <p>A token is the whole value the client gave, with its {@code bearer } if there is one; empty if it gave none.
 */
public interface AccessControl {
    /** Lets everybody read everything. */
    AccessControl OPEN = new AccessControl() {
        @Override
        public Future<Decision> firehose(String token) {
            return Future.succeededFuture(Decision.ALLOWED);
        }

        @Override
        public Future<Decision> app(String token, String appId) {
            return Future.succeededFuture(Decision.ALLOWED);
        }
    };

    /** Whether the holder of the token may read the firehose. */
    Future<Decision> firehose(String token);

    /** Whether the holder of the token may read what the app writes. */
    Future<Decision> app(String token, String appId);

    /**
     * Whether what was allowed has been taken away since.
     *
     * @param app the app that is read; empty for the firehose
     * @param expires what {@link Decision#expires()} said
     * @return why, if so, for the operator's log
     */
    default Future<Optional<String>> revoked(String token, Optional<String> app, Instant expires) {
        return Future.succeededFuture(Optional.empty());
    }
}
