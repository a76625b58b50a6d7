package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.edge.Decision;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Says who may read which sources. Called on the event loop of the request. A token is the value of the header {@code
 * Authorization} as it stands; empty if there was none.
 */
public interface LogAccess {
    /** Lets everybody read everything. */
    LogAccess OPEN = new LogAccess() {
        @Override
        public Future<Decision> read(String token, List<String> sources) {
            return Future.succeededFuture(Decision.ALLOWED);
        }

        @Override
        public Future<Optional<String>> revoked(String token, List<String> sources, Instant expires) {
            return Future.succeededFuture(Optional.empty());
        }
    };

    /**
     * Whether the holder of the token may read all of the sources. Of a refusal, the client sees neither status nor body.
     * A future that fails means that nobody could say.
     *
     * @param sources as asked for; empty: all there are
     */
    Future<Decision> read(String token, List<String> sources);

    /**
     * Whether what was allowed has been taken away since.
     *
     * @param expires what {@link Decision#expires()} said
     * @return why, if so, for the operator's log
     */
    Future<Optional<String>> revoked(String token, List<String> sources, Instant expires);
}
