package io.loggregator.node;

import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.process.Signals;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a server in an orderly way: runs the registered steps, the last registered first, within a limit for them all.
 * A step that takes too long is logged and left behind. Half of the limit is kept in equal shares for the steps still
 * to come, so that a step that hangs cannot use up the time of those after it.
 *
 * <p>After {@link #onSignals()} the process stops so on SIGTERM and SIGINT and exits with {@link ExitCodes#OK}, or
 * {@link ExitCodes#STOP_INCOMPLETE} when a step overran or failed; a SIGINT that comes while it stops ends it at once
 * with {@link ExitCodes#INTERRUPTED}. Without it, nothing touches signals, and {@link #stop()} does the same for tests
 * and for servers inside another process.
 *
 * <p>Safe for use by any thread. The steps run one after the other, each on a thread of its own.
 */
public final class GracefulStop {
    private static final Logger LOG = LoggerFactory.getLogger(GracefulStop.class);

    private final Duration limit;
    private final List<Step> steps = new ArrayList<>(); // guarded by this
    private final AtomicBoolean signalled = new AtomicBoolean();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    /**
     * How a stop went.
     *
     * @param overran the steps that took too long, in the order they ran
     * @param failed the steps that ended with an error
     */
    public record Outcome(List<String> overran, List<String> failed) {
        public Outcome {
            overran = List.copyOf(overran);
            failed = List.copyOf(failed);
        }

        /** The exit code that tells it. */
        public int exitCode() {
            return overran.isEmpty() && failed.isEmpty() ? ExitCodes.OK : ExitCodes.STOP_INCOMPLETE;
        }
    }

    private record Step(String name, Function<Duration, ? extends CompletionStage<?>> action) {}

    /** @param limit for all steps together, more than zero */
    public GracefulStop(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("a stop needs time");
        }
        this.limit = limit;
    }

    /**
     * Adds a step that runs before all those added so far.
     *
     * @param name what it stops, for the log
     * @param action begins it; the future tells when it is done
     * @throws IllegalStateException when the stop has begun
     */
    public void step(String name, Supplier<? extends Future<?>> action) {
        timedStep(name, allowed -> action.get());
    }

    /** As {@link #step}, for an action that is told how long it may take and keeps to it. */
    public void timedStep(String name, Function<Duration, ? extends Future<?>> action) {
        add(new Step(name, allowed -> action.apply(allowed).toCompletionStage()));
    }

    /** As {@link #step}, for an action that is done when it returns. */
    public void blockingStep(String name, Runnable action) {
        add(new Step(name, allowed -> {
            action.run();
            return CompletableFuture.completedFuture(null);
        }));
    }

    private synchronized void add(Step step) {
        if (begun.get()) {
            throw new IllegalStateException("stopping already");
        }
        steps.add(step);
    }

    /**
     * Makes SIGTERM and SIGINT stop this process, and every other orderly end of the JVM too. Call once, when all of
     * the server is up.
     */
    public void onSignals() {
        boolean handled = Signals.handle("TERM", () -> stopAndExit("SIGTERM"));
        handled &= Signals.handle("INT", () -> {
            if (!stopAndExit("SIGINT")) {
                LOG.warn("stopped at once by a SIGINT while stopping");
                Runtime.getRuntime().halt(ExitCodes.INTERRUPTED);
            }
        });
        if (!handled) {
            LOG.warn("this JVM leaves signals alone: after a graceful stop the exit code is the JVM's own");
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "graceful-stop-hook"));
    }

    /** Begins to stop, on a thread of its own; false when that has begun already. */
    private boolean stopAndExit(String signal) {
        if (begun.get() || !signalled.compareAndSet(false, true)) {
            return false;
        }
        LOG.info("{}: stopping, within {} s", signal, seconds(limit.toNanos()));
        new Thread(() -> System.exit(stop().exitCode()), "graceful-stop-exit").start();
        return true;
    }

    /** Stops, unless that has begun already, and waits for the outcome, which is the same for all callers. */
    public Outcome stop() {
        if (begun.compareAndSet(false, true)) {
            try {
                outcome.complete(runAll());
            } catch (RuntimeException | Error e) {
                outcome.completeExceptionally(e);
                throw e;
            }
        }
        return outcome.join();
    }

    private Outcome runAll() {
        List<Step> order;
        synchronized (this) {
            order = new ArrayList<>(steps);
        }
        Collections.reverse(order);
        long begin = System.nanoTime();
        long end = begin + limit.toNanos();
        long share = order.isEmpty() ? 0 : limit.toNanos() / 2 / order.size();
        List<String> overran = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            Step step = order.get(i);
            long kept = share * (order.size() - 1 - i);
            long allowed = Math.max(end - kept - System.nanoTime(), 0);
            try {
                run(step, allowed).get(allowed, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                LOG.warn("stopping: {} took longer than {} s and is left behind", step.name(), seconds(allowed));
                overran.add(step.name());
            } catch (ExecutionException e) {
                LOG.warn("stopping: {} failed", step.name(), e.getCause());
                failed.add(step.name());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                LOG.warn("stopping: interrupted at {}", step.name());
                order.subList(i, order.size()).forEach(left -> overran.add(left.name()));
                break;
            }
        }
        Outcome result = new Outcome(overran, failed);
        LOG.info("stopped in {} s", seconds(System.nanoTime() - begin));
        return result;
    }

    /** On a daemon thread, so that an action that blocks for ever can be left behind. */
    private static CompletableFuture<Object> run(Step step, long allowedNanos) {
        CompletableFuture<Object> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        step.action().apply(Duration.ofNanos(allowedNanos)).whenComplete((value, failure) -> {
                            if (failure == null) {
                                done.complete(value);
                            } else {
                                done.completeExceptionally(failure);
                            }
                        });
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                },
                "stop-" + step.name());
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e9);
    }
}
