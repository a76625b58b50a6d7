package io.loggregator.trafficcontroller.edge;

import java.time.Instant;
import java.util.Map;

/**
 * What {@link AccessControl} decided.
 *
 * @param status 200 to let the request pass, or the status it is refused with, 400 to 599
 * @param headers of the refusal
 * @param body of the refusal, sent as it is; text/plain unless the headers say otherwise
 * @param why a refusal's reason for the operator's log, not for the client; nothing secret
 * @param known false if nobody could say, and the request is refused for that
 * @param expires when what allows it ends; {@link Instant#MAX} if that is not known
 */
public record Decision(
        int status, Map<String, String> headers, String body, String why, boolean known, Instant expires) {
    /** Lets the request pass, for ever. */
    public static final Decision ALLOWED = allowed(Instant.MAX);

    /** Checks the status. */
    public Decision {
        if (status != 200 && (status < 400 || status > 599)) {
            throw new IllegalArgumentException("neither allowed nor refused: " + status);
        }
        headers = Map.copyOf(headers);
    }

    /** Lets the request pass. */
    public static Decision allowed(Instant expires) {
        return new Decision(200, Map.of(), "", "", true, expires);
    }

    /** Refuses. */
    public static Decision refused(int status, Map<String, String> headers, String body, String why) {
        return new Decision(status, headers, body, why, true, Instant.MAX);
    }

    /** The same, but because nobody could say. */
    public Decision asUnknown() {
        return new Decision(status, headers, body, why, false, expires);
    }

    /** Whether the request may pass. */
    public boolean allowed() {
        return status == 200;
    }
}
