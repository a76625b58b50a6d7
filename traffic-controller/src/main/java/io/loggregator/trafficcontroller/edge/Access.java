package io.loggregator.trafficcontroller.edge;

import java.time.Instant;
import java.util.Optional;

/**
 * What lets a client read.
 *
 * @param token as {@link AccessControl} takes it
 * @param app what is read; empty for the firehose
 * @param expires when the token ends; {@link Instant#MAX} if that is not known
 */
record Access(String token, Optional<String> app, Instant expires) {
    /** Without the token. */
    @Override
    public String toString() {
        return app.map(id -> "app " + id).orElse("firehose") + " until " + expires;
    }
}
