package io.loggregator.trafficcontroller.edge;

import java.util.Map;

/**
 * What {@link AccessControl} decided.
 *
 * @param status 200 to let the request pass, or the status it is refused with, 400 to 599
 * @param headers of the refusal
 * @param body of the refusal, sent as it is; text/plain unless the headers say otherwise
 */
public record Decision(int status, Map<String, String> headers, String body) {
    /** Lets the request pass. */
    public static final Decision ALLOWED = new Decision(200, Map.of(), "");

    /** Checks the status. */
    public Decision {
        if (status != 200 && (status < 400 || status > 599)) {
            throw new IllegalArgumentException("neither allowed nor refused: " + status);
        }
        headers = Map.copyOf(headers);
    }

    /** Whether the request may pass. */
    public boolean allowed() {
        return status == 200;
    }
}
