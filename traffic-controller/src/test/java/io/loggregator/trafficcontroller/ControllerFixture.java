package io.loggregator.trafficcontroller;

import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Traffic Controller and the one Doppler that it is linked to, which each class starts as it needs them. */
@ExtendWith(BufferLeaks.class)
abstract class ControllerFixture {
    static Vertx vertx;

    FakeDoppler doppler;
    Controller controller;

    @BeforeAll
    static void openVertx() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    final void stopBoth() {
        controller.close();
        doppler.close();
    }

    @AfterAll
    static void closeVertx() {
        vertx.close().await();
    }
}
