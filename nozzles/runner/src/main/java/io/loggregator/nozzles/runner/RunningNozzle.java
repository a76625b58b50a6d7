package io.loggregator.nozzles.runner;

import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Gap;
import io.loggregator.nozzle.Health;
import io.loggregator.nozzle.Lagging;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzle.RefusedException;
import io.loggregator.nozzle.Statistics;
import io.loggregator.nozzle.TlsException;
import io.loggregator.nozzle.UnauthorizedException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A nozzle from its start to its end, with what an operator learns of it: log lines and an exit code. */
final class RunningNozzle {
    private static final Logger LOG = LoggerFactory.getLogger(RunningNozzle.class);

    private final String name;
    private final Duration statusInterval;
    private final Duration stopTimeout;
    private final Destination destination;
    private final Nozzle nozzle;
    private final StopRequest stop;

    /** @param builder knows all but the handler */
    RunningNozzle(String name, Settings settings, Nozzle.Builder builder, Destination destination, StopRequest stop) {
        this.name = name;
        this.statusInterval = settings.get(NozzleSettings.STATUS_INTERVAL);
        this.stopTimeout = settings.get(NozzleSettings.STOP_TIMEOUT);
        this.destination = destination;
        this.stop = stop;
        this.nozzle = builder.handler(new Telling(destination)).build();
    }

    /** Runs until a stop is asked for or it can never succeed, and returns the exit code. */
    int run() throws InterruptedException {
        if (stop.isMade()) {
            LOG.info("stopped before it began to read");
            return ExitCodes.OK;
        }
        CountDownLatch wake = new CountDownLatch(1);
        stop.whenMade(wake::countDown);
        nozzle.ended().whenComplete((ended, failure) -> wake.countDown());
        nozzle.start();
        while (!wake.await(statusInterval.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.info("{}", status());
        }
        if (!stop.isMade()) {
            return failed();
        }
        LOG.info("stopping, within {} s", stopTimeout.toMillis() / 1000.0);
        boolean finished = nozzle.drain(stopTimeout);
        LOG.info("stopped{}: {}", finished ? "" : ", and what was not finished is not acknowledged", status());
        return finished ? ExitCodes.OK : ExitCodes.STOP_INCOMPLETE;
    }

    private int failed() throws InterruptedException {
        Throwable failure;
        try {
            nozzle.ended().toCompletableFuture().get();
            return ExitCodes.OK;
        } catch (ExecutionException e) {
            failure = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
        }
        LOG.error("{}", failure.getMessage());
        LOG.info("ended: {}", status());
        return exitCode(failure);
    }

    /** What a nozzle's end by itself is to the one who started it. */
    static int exitCode(Throwable failure) {
        if (failure instanceof UnauthorizedException || failure instanceof RefusedException) {
            return ExitCodes.REFUSED;
        }
        return failure instanceof TlsException ? ExitCodes.CONFIGURATION : ExitCodes.UNAVAILABLE;
    }

    /** The same where it could not even start: what trying again cannot help is in the settings. */
    static int startExitCode(NozzleException failure) {
        int code = exitCode(failure);
        return code == ExitCodes.UNAVAILABLE && failure.isFinal() ? ExitCodes.CONFIGURATION : code;
    }

    private String status() {
        Health health = nozzle.health();
        Statistics statistics = nozzle.statistics();
        return name + " " + health.state().toString().toLowerCase(Locale.ROOT) + ", "
                + statistics.envelopes() + " envelopes, " + statistics.lost() + " lost in " + statistics.gaps()
                + " gaps, "
                + statistics.failures() + " broken connections, lag "
                + health.lag().toMillis() + " ms"
                + (health.isUp()
                        ? ""
                        : health.lastError()
                                .map(error -> " (" + error.getMessage() + ")")
                                .orElse(""))
                + "; " + destination.status();
    }

    /** Writes a line for the first gap, and one whenever their number has doubled: the status line has the sums. */
    private static final class Telling implements BatchHandler {
        private final Destination destination;
        private final AtomicLong gaps = new AtomicLong();

        Telling(Destination destination) {
            this.destination = destination;
        }

        @Override
        public CompletionStage<?> handle(Batch batch) throws Exception {
            return destination.handle(batch);
        }

        @Override
        public void gap(Gap gap) {
            long number = gaps.incrementAndGet();
            if (Long.bitCount(number) == 1) {
                LOG.warn(
                        "a gap in the stream, {} since the start: {} envelopes are missing ({})",
                        number,
                        gap.count().isPresent()
                                ? Long.toUnsignedString(gap.count().getAsLong())
                                : "an unknown number of",
                        gap.reason());
            }
            destination.gap(gap);
        }

        @Override
        public void lagging(Lagging lagging) {
            LOG.warn(
                    "lags: the oldest that waits came {} s before the newest; when {} MiB more wait, some will be missing",
                    lagging.behind().toMillis() / 1000.0,
                    Math.max(0, lagging.limitBytes() - lagging.behindBytes()) >> 20);
            destination.lagging(lagging);
        }
    }
}
