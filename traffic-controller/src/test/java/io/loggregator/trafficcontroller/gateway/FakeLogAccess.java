package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.edge.Decision;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Decides as told, and writes down what it was asked. */
final class FakeLogAccess implements LogAccess {
    final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    volatile Future<Decision> decision = Future.succeededFuture(Decision.ALLOWED);
    volatile Optional<String> revoked = Optional.empty();

    @Override
    public Future<Decision> read(String token, List<String> sources) {
        asked.add("<" + token + "> " + sources);
        return decision;
    }

    @Override
    public Future<Optional<String>> revoked(String token, List<String> sources, Instant expires) {
        return Future.succeededFuture(revoked);
    }
}
