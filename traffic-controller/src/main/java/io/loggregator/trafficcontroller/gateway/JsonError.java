package io.loggregator.trafficcontroller.gateway;

import io.vertx.core.json.JsonObject;
import java.util.Map;

/** The body of a refusal: as the Go release's, a JSON object and two line ends, sent as text. */
final class JsonError {
    /** Beside the content type. */
    static final Map<String, String> HEADERS = Map.of("X-Content-Type-Options", "nosniff");

    private JsonError() {}

    static String of(String code, String message) {
        return new JsonObject().put("message", message).put("error", code).encode() + "\n\n";
    }
}
