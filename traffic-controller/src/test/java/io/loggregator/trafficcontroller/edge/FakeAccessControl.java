package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Decides as told, and writes down what it was asked. */
final class FakeAccessControl implements AccessControl {
    final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    volatile Future<Decision> decision = Future.succeededFuture(Decision.ALLOWED);

    @Override
    public Future<Decision> firehose(String token) {
        asked.add("firehose as <" + token + ">");
        return decision;
    }

    @Override
    public Future<Decision> app(String token, String appId) {
        asked.add("app " + appId + " as <" + token + ">");
        return decision;
    }
}
