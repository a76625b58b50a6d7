package io.loggregator.node;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that is done again and again and may block, on a worker thread of Vert.x, until that closes. */
public final class WorkerTimer {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerTimer.class);

    private WorkerTimer() {}

    /**
     * Begins after the first period. One run at a time.
     *
     * @param what is done, for the log should it be impossible
     */
    public static void every(Vertx vertx, Duration period, String what, Runnable work) {
        // As a verticle, so that it ends before the worker threads do.
        vertx.deployVerticle(
                        new VerticleBase() {
                            @Override
                            public Future<?> start() {
                                vertx.setPeriodic(Math.max(1, period.toMillis()), tick -> work.run());
                                return Future.succeededFuture();
                            }
                        },
                        new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER))
                .onFailure(error -> LOG.warn("not done: {}", what, error));
    }
}
