package io.loggregator.nozzle.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Something that the endpoint has seen and a test may wait for. Values are immutable and change on the endpoint's event
 * loop; readable from any thread.
 */
public final class Observed<T> {
    /** How long {@link #await(Predicate)} waits. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private final String what;
    private final List<Waiting<T>> waiting = new ArrayList<>();
    private T value;

    private record Waiting<T>(Predicate<? super T> condition, CompletableFuture<T> future) {}

    Observed(String what, T first) {
        this.what = what;
        this.value = first;
    }

    /** What it is at this moment. */
    public synchronized T now() {
        return value;
    }

    /**
     * Completes with the first value, from this moment on, that meets the condition, on the event loop if not at once. A
     * condition that throws fails it.
     */
    public synchronized CompletableFuture<T> when(Predicate<? super T> condition) {
        Waiting<T> waiter = new Waiting<>(condition, new CompletableFuture<>());
        if (!settled(waiter)) {
            waiting.add(waiter);
        }
        return waiter.future();
    }

    /**
     * Waits for {@link #PATIENCE} at most.
     *
     * @throws AssertionError no value met the condition in time; tells the last one
     */
    public T await(Predicate<? super T> condition) {
        return await(condition, PATIENCE);
    }

    /** As {@link #await(Predicate)}, for at most as long as given. */
    public T await(Predicate<? super T> condition, Duration limit) {
        CompletableFuture<T> met = when(condition);
        try {
            return met.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            met.cancel(false);
            throw new AssertionError("waited " + limit.toMillis() + " ms for " + what + "; it is " + now(), e);
        } catch (ExecutionException e) {
            throw new AssertionError("while waiting for " + what, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }

    /** What is observed, and its value. */
    @Override
    public String toString() {
        return what + ": " + now();
    }

    void change(UnaryOperator<T> change) {
        List<Waiting<T>> met = new ArrayList<>();
        T changed;
        synchronized (this) {
            changed = change.apply(value);
            value = changed;
            for (Iterator<Waiting<T>> all = waiting.iterator(); all.hasNext(); ) {
                Waiting<T> waiter = all.next();
                if (waiter.future().isDone()) {
                    all.remove();
                } else if (meets(waiter)) {
                    all.remove();
                    met.add(waiter);
                }
            }
        }
        // Outside the lock, as it runs what hangs on the future.
        met.forEach(waiter -> waiter.future().complete(changed));
    }

    static <T> UnaryOperator<List<T>> adding(T one) {
        return all -> {
            List<T> more = new ArrayList<>(all);
            more.add(one);
            return List.copyOf(more);
        };
    }

    private boolean settled(Waiting<T> waiter) {
        if (meets(waiter)) {
            waiter.future().complete(value);
        }
        return waiter.future().isDone();
    }

    private boolean meets(Waiting<T> waiter) {
        try {
            return waiter.condition().test(value);
        } catch (RuntimeException | Error e) {
            waiter.future().completeExceptionally(e);
            return false;
        }
    }
}
