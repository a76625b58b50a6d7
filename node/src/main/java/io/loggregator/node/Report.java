package io.loggregator.node;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Something that a server tells on its diagnostics port, as a JSON object. */
@FunctionalInterface
public interface Report {
    /**
     * Begins to answer; on an event loop, and not to block it. An answer that fails or is late is told as such.
     *
     * @throws InvalidQuery a parameter is not understood
     */
    Future<JsonObject> on(ReportQuery query) throws InvalidQuery;
}
