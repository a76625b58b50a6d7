package io.loggregator.nozzle;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A subscriber and its nozzle. Whoever has news works through them, one thread at a time. */
final class EnvelopeSubscription implements Flow.Subscription, BatchHandler {
    private final Flow.Subscriber<? super Envelope> subscriber;
    private final ConcurrentLinkedQueue<Handed> handed = new ConcurrentLinkedQueue<>();
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger news = new AtomicInteger();
    private volatile boolean cancelled;
    private volatile boolean ended;
    private volatile Throwable failure;
    private Nozzle nozzle; // set before anything else happens
    private Handed current; // of whoever works

    EnvelopeSubscription(Flow.Subscriber<? super Envelope> subscriber) {
        this.subscriber = subscriber;
    }

    void start(Nozzle.Builder builder) {
        synchronized (builder) {
            nozzle = builder.handler(this).build();
        }
        subscriber.onSubscribe(this);
        if (cancelled) {
            return;
        }
        nozzle.ended().whenComplete((nothing, problem) -> {
            fail(Handling.cause(problem));
            ended = true;
            work();
        });
        try {
            nozzle.start();
        } catch (IllegalStateException e) {
            // It was cancelled in this very moment.
            return;
        }
    }

    private void fail(Throwable problem) {
        if (failure == null) {
            failure = problem;
        }
    }

    @Override
    public CompletionStage<?> handle(Batch batch) {
        Handed next = new Handed(batch);
        handed.add(next);
        work();
        return next.stage;
    }

    @Override
    public void request(long count) {
        if (count <= 0) {
            fail(new IllegalArgumentException("a request for " + count + " envelopes"));
            nozzle.stop();
            ended = true;
        } else {
            demand.accumulateAndGet(count, (before, more) -> before + more < 0 ? Long.MAX_VALUE : before + more);
        }
        work();
    }

    @Override
    public void cancel() {
        cancelled = true;
        nozzle.stop();
        work();
    }

    private void work() {
        int seen = 1;
        if (news.getAndIncrement() != 0) {
            return;
        }
        do {
            workOnce();
            seen = news.addAndGet(-seen);
        } while (seen != 0);
    }

    private void workOnce() {
        while (true) {
            if (cancelled || failure != null) {
                abandonAll();
            }
            if (current == null) {
                current = handed.poll();
            }
            if (current == null) {
                if (ended && !cancelled) {
                    cancelled = true;
                    tellEnd();
                }
                return;
            }
            if (!current.envelopes.hasNext()) {
                current.stage.complete(null);
                current = null;
            } else if (demand.get() == 0) {
                return;
            } else {
                if (demand.get() != Long.MAX_VALUE) {
                    demand.decrementAndGet();
                }
                onNext(current.envelopes.next());
            }
        }
    }

    private void onNext(Envelope envelope) {
        try {
            subscriber.onNext(envelope);
        } catch (RuntimeException | Error e) {
            // The envelope was not taken, so its batch is not acknowledged.
            current.stage.completeExceptionally(e);
            current = null;
            fail(e);
            nozzle.stop();
            ended = true;
        }
    }

    private void abandonAll() {
        if (current != null) {
            current.abandon();
            current = null;
        }
        for (Handed next = handed.poll(); next != null; next = handed.poll()) {
            next.abandon();
        }
    }

    private void tellEnd() {
        if (failure == null) {
            subscriber.onComplete();
        } else {
            subscriber.onError(failure);
        }
    }
}
