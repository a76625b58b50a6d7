package io.loggregator.trafficcontroller.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** What a request says about its body. */
final class Bodies {
    private Bodies() {}

    /** The length of the body in bytes as announced; {@link Long#MAX_VALUE} if it is not known yet. */
    static long announced(HttpServerRequest request) {
        MultiMap headers = request.headers();
        if (headers.contains(HttpHeaders.TRANSFER_ENCODING)) {
            return Long.MAX_VALUE;
        }
        String length = headers.get(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            // The HTTP/1 decoder refuses such a length; over HTTP/2 it says nothing.
            return Long.MAX_VALUE;
        }
    }

    /** Whether the body may be too long to be read to its end only to reuse the connection. */
    static boolean mayBeLong(HttpServerRequest request) {
        return announced(request) > Limits.FORM_BYTES;
    }
}
