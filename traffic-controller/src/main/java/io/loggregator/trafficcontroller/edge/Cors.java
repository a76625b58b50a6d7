package io.loggregator.trafficcontroller.edge;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Lets scripts of any origin read an answer, with the user's cookies. */
final class Cors {
    private Cors() {}

    static void allow(HttpServerRequest request) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        HttpServerResponse response = request.response();
        response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin == null ? "" : origin);
        response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
}
