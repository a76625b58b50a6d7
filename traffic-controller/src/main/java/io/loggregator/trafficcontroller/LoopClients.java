package io.loggregator.trafficcontroller;

import io.loggregator.trafficcontroller.fanout.ClientStanding;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.function.Supplier;

/**
 * The clients of one event loop.
 *
 * @param context of that loop
 * @param clients to be called there
 */
record LoopClients(Context context, Supplier<List<ClientStanding>> clients) {
    /** Asks on the loop. */
    Future<List<ClientStanding>> ask() {
        Promise<List<ClientStanding>> answer = Promise.promise();
        context.runOnContext(there -> {
            try {
                answer.complete(clients.get());
            } catch (RuntimeException failed) {
                answer.fail(failed);
            }
        });
        return answer.future();
    }
}
