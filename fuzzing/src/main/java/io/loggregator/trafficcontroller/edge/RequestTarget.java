package io.loggregator.trafficcontroller.edge;

import java.nio.charset.StandardCharsets;

/** Request targets at the Loggregator port: paths with every escape, and queries. */
public final class RequestTarget {
    private RequestTarget() {}

    /** Takes any bytes, one to a char, as HTTP has them. */
    public static void fuzzerTestOneInput(byte[] data) {
        String target = new String(data, StandardCharsets.ISO_8859_1);
        Target parsed = Target.parse(target, Limits.LOGGREGATOR.sizes().id());
        Query.parse(parsed.query());
        if (parsed.endpoint() == Target.Endpoint.ELSEWHERE) {
            Target there =
                    Target.parse(parsed.location(), Limits.LOGGREGATOR.sizes().id());
            if (there.endpoint() == Target.Endpoint.ELSEWHERE) {
                throw new AssertionError("redirected twice: " + target);
            }
            if (parsed.location().startsWith("//") || parsed.location().chars().anyMatch(c -> c < ' ')) {
                throw new AssertionError("redirected to another host, or with a header: " + parsed.location());
            }
        }
    }
}
