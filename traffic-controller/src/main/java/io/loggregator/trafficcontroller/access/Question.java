package io.loggregator.trafficcontroller.access;

import java.util.Optional;

/**
 * May the holder of a token read the firehose, or what an app writes?
 *
 * @param token what the client gave, with its {@code bearer } if there was one; not empty
 * @param app the app's id; empty for the firehose
 */
record Question(String token, Optional<String> app) {
    private static final String BEARER = "bearer ";

    /** The token without a {@code bearer } before it, in any case. */
    String bareToken() {
        return token.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? token.substring(BEARER.length()).strip()
                : token;
    }

    /** Without the token. */
    @Override
    public String toString() {
        return app.map(id -> "app " + id).orElse("firehose");
    }
}
