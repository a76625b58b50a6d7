package io.loggregator.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.node.process.ExitCodes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GracefulStopTest {
    private final List<String> ran = new CopyOnWriteArrayList<>();

    @Test
    void stepsRunOneAfterTheOtherTheLastRegisteredFirst() {
        GracefulStop stop = new GracefulStop(Duration.ofSeconds(30));
        stop.blockingStep("log", () -> ran.add("log"));
        Promise<Void> drained = Promise.promise();
        stop.step("ingress", () -> {
            ran.add("ingress begins");
            new Thread(() -> {
                        ran.add("ingress drained");
                        drained.complete();
                    })
                    .start();
            return drained.future();
        });
        stop.blockingStep("readiness", () -> ran.add("readiness"));
        GracefulStop.Outcome outcome = stop.stop();
        assertThat(ran).containsExactly("readiness", "ingress begins", "ingress drained", "log");
        assertThat(outcome).isEqualTo(new GracefulStop.Outcome(List.of(), List.of()));
        assertThat(outcome.exitCode()).isZero();
    }

    @Test
    void aStepThatFailsDoesNotKeepTheOthersFromRunning() {
        GracefulStop stop = new GracefulStop(Duration.ofSeconds(30));
        stop.blockingStep("log", () -> ran.add("log"));
        stop.step("link", () -> Future.failedFuture("broken"));
        stop.blockingStep("ingress", () -> {
            throw new IllegalStateException("broken too");
        });
        GracefulStop.Outcome outcome = stop.stop();
        assertThat(ran).containsExactly("log");
        assertThat(outcome.failed()).containsExactly("ingress", "link");
        assertThat(outcome.exitCode()).isEqualTo(ExitCodes.STOP_INCOMPLETE);
    }

    @Test
    void aStepThatOverrunsIsLeftBehindAndTheOthersStillHaveTime() {
        GracefulStop stop = new GracefulStop(Duration.ofSeconds(6));
        CountDownLatch never = new CountDownLatch(1);
        stop.step("log", () -> {
            Promise<Void> promise = Promise.promise();
            new Thread(() -> {
                        ran.add("log");
                        promise.complete();
                    })
                    .start();
            return promise.future();
        });
        stop.step("link", () -> Promise.promise().future());
        stop.blockingStep("ingress", () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        long begin = System.nanoTime();
        GracefulStop.Outcome outcome = stop.stop();
        assertThat(outcome.overran()).containsExactly("ingress", "link");
        assertThat(ran).containsExactly("log");
        assertThat(outcome.exitCode()).isEqualTo(ExitCodes.STOP_INCOMPLETE);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        never.countDown();
    }

    @Test
    void stoppingTwiceRunsTheStepsOnceAndGivesBothTheSameOutcome() throws Exception {
        GracefulStop stop = new GracefulStop(Duration.ofSeconds(30));
        CountDownLatch begun = new CountDownLatch(1);
        Promise<Void> done = Promise.promise();
        stop.step("ingress", () -> {
            ran.add("ingress");
            begun.countDown();
            return done.future();
        });
        CompletableFuture<GracefulStop.Outcome> first = CompletableFuture.supplyAsync(stop::stop);
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<GracefulStop.Outcome> second = CompletableFuture.supplyAsync(stop::stop);
        assertThatThrownBy(() -> stop.blockingStep("late", () -> ran.add("late")))
                .isInstanceOf(IllegalStateException.class);
        done.complete();
        assertThat(second.get(10, TimeUnit.SECONDS)).isSameAs(first.get(10, TimeUnit.SECONDS));
        assertThat(ran).containsExactly("ingress");
    }

    @Test
    void aStepMayBeToldHowLongItHas() {
        GracefulStop stop = new GracefulStop(Duration.ofSeconds(40));
        List<Duration> told = new ArrayList<>();
        stop.blockingStep("last", () -> {});
        stop.timedStep("first", allowed -> {
            told.add(allowed);
            return Future.succeededFuture();
        });

        assertThat(stop.stop().exitCode()).isZero();

        // All but the share of the other: a quarter of the limit.
        assertThat(told.get(0)).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
    }

    @Test
    void aStopWithoutStepsIsDoneAtOnce() {
        assertThat(new GracefulStop(Duration.ofSeconds(1)).stop().exitCode()).isZero();
        assertThatThrownBy(() -> new GracefulStop(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
