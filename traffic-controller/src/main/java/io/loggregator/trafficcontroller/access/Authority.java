package io.loggregator.trafficcontroller.access;

import io.vertx.core.Future;

/** Somebody who answers {@link Question}s. Belongs to an event loop. */
interface Authority {
    /** Names it in metrics: {@code uaa}, {@code cloud_controller} or {@code jwt}. */
    String name();

    /** Asks. A future that fails counts as {@link Verdict.Outcome#UNKNOWN}. */
    Future<Verdict> ask(Question question);
}
