package io.loggregator.nozzles.otlp;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.loggregator.nozzle.BackOff;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzles.runner.LeftOut;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One kind of export to the collector, with what OTLP says about failures (OpenTelemetry Protocol Specification, "Failures"
 * of OTLP/gRPC): what may help by trying again is tried for a while, after the pause that the collector asks for or else
 * a growing one; what the collector will never take is counted. Safe for use by any thread.
 *
 * @param <Q> the request
 * @param <A> the answer
 */
final class Signal<Q, A> {
    private static final Logger LOG = LoggerFactory.getLogger(Signal.class);
    private static final Set<Status.Code> RETRYABLE = EnumSet.of(
            Status.Code.CANCELLED,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.ABORTED,
            Status.Code.OUT_OF_RANGE,
            Status.Code.UNAVAILABLE,
            Status.Code.DATA_LOSS);
    /** About this nozzle, not about what it sends: somebody has to do something first. */
    private static final Set<Status.Code> FINAL =
            EnumSet.of(Status.Code.UNAUTHENTICATED, Status.Code.PERMISSION_DENIED, Status.Code.UNIMPLEMENTED);

    /**
     * What the collector took only a part of.
     *
     * @param rejected how many of the items it did not take; 0: none, and the message is a warning
     */
    record Partial(long rejected, String message) {}

    private final String items;
    private final Channel channel;
    private final MethodDescriptor<Q, A> method;
    private final Function<A, Partial> partial;
    private final Duration timeout;
    private final Pauses pauses;
    private final LeftOut leftOut;
    private final LongAdder sent = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final Runnable unreachable;
    private volatile boolean closed;
    /** By the nanosecond clock; the collector has asked for quiet until then. */
    private volatile long notBefore = System.nanoTime();

    /**
     * How long to pause before another attempt.
     *
     * @param backOff where the collector does not say; no pause is longer than its most, whoever says so
     * @param patience after this long a request has failed, unless it was taken
     */
    record Pauses(BackOff backOff, Duration patience) {}

    /** One request, until it is done. */
    private final class Sending {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final long end = System.nanoTime() + pauses.patience().toNanos();
        private final Q request;
        private final long count;
        private int failures;
        private Throwable last;

        Sending(Q request, long count) {
            this.request = request;
            this.count = count;
        }

        long nanosLeft() {
            return end - System.nanoTime();
        }
    }

    /**
     * @param items what is sent, in the plural, for people and for the counter of what is left out
     * @param unreachable is run when a request has failed because of no answer in time
     */
    Signal(
            String items,
            Channel channel,
            MethodDescriptor<Q, A> method,
            Function<A, Partial> partial,
            Duration timeout,
            Pauses pauses,
            Runnable unreachable,
            LeftOut leftOut) {
        this.items = items;
        this.channel = channel;
        this.method = method;
        this.partial = partial;
        this.timeout = timeout;
        this.pauses = pauses;
        this.unreachable = unreachable;
        this.leftOut = leftOut;
    }

    /**
     * Sends it, as often as that takes and there is patience.
     *
     * @param count how many items it has
     * @return complete when the collector has taken what it ever will; failed with a final {@link NozzleException} where it
     *     takes nothing from this nozzle, and with another when it has not taken it in time, or the signal was closed first
     */
    CompletionStage<Void> export(Q request, long count) {
        Sending sending = new Sending(request, count);
        later(sending, 0);
        return sending.done;
    }

    /** After a pause, the time that the collector wants to be left alone, or when the patience ends. */
    private void later(Sending sending, long nanos) {
        long pause = Math.min(Math.max(nanos, notBefore - System.nanoTime()), sending.nanosLeft());
        if (pause <= 0) {
            attempt(sending);
        } else {
            CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS).execute(() -> attempt(sending));
        }
    }

    private void attempt(Sending sending) {
        if (closed) {
            sending.done.completeExceptionally(
                    new NozzleException("closed before the collector had taken all", false, sending.last));
            return;
        }
        long left = sending.nanosLeft();
        if (left <= 0) {
            unreachable.run();
            sending.done.completeExceptionally(new NozzleException(
                    "the collector did not take " + sending.count + " " + items + " within "
                            + pauses.patience().toMillis() + " ms"
                            + (sending.last == null ? "" : ": " + said(Status.fromThrowable(sending.last))),
                    false,
                    sending.last));
            return;
        }
        CallOptions options =
                CallOptions.DEFAULT.withDeadlineAfter(Math.min(timeout.toNanos(), left), TimeUnit.NANOSECONDS);
        ClientCalls.asyncUnaryCall(channel.newCall(method, options), sending.request, new StreamObserver<A>() {
            private A answer;

            @Override
            public void onNext(A value) {
                answer = value;
            }

            @Override
            public void onError(Throwable failure) {
                failed(failure, sending);
            }

            @Override
            public void onCompleted() {
                taken(partial.apply(answer), sending);
            }
        });
    }

    private void taken(Partial result, Sending sending) {
        long rejected = Math.max(0, Math.min(sending.count, result.rejected()));
        sent.add(sending.count - rejected);
        if (rejected > 0) {
            leftOut.add("rejected_" + items, rejected, "the collector took only a part: " + result.message());
        } else if (!result.message().isEmpty()) {
            LOG.debug("the collector says of {} that it took: {}", items, result.message());
        }
        sending.done.complete(null);
    }

    private void failed(Throwable failure, Sending sending) {
        Status status = Status.fromThrowable(failure);
        Optional<RetryInfo> asked = retryInfo(failure);
        if (RETRYABLE.contains(status.getCode())
                || (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && asked.isPresent())) {
            retries.increment();
            sending.failures++;
            sending.last = failure;
            long wanted = asked.map(Signal::millis).orElse(0L);
            BackOff backOff = pauses.backOff();
            long millis =
                    Math.min(backOff.most().toMillis(), wanted > 0 ? wanted : backOff.pauseMillis(sending.failures));
            if (wanted > 0) {
                notBefore = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            }
            if (Integer.bitCount(sending.failures) == 1) {
                LOG.warn(
                        "attempt {} to send {} {} failed by {}; to be tried again in {} ms",
                        sending.failures,
                        sending.count,
                        items,
                        said(status),
                        millis);
            }
            later(sending, TimeUnit.MILLISECONDS.toNanos(millis));
        } else if (FINAL.contains(status.getCode())) {
            sending.done.completeExceptionally(new NozzleException(
                    "the collector takes no " + items + " from this nozzle: " + said(status), true, failure));
        } else {
            leftOut.add("refused_" + items, sending.count, "the collector refused a request: " + said(status));
            sending.done.complete(null);
        }
    }

    private static String said(Status status) {
        return status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
    }

    /** What the collector says about trying again; empty: nothing, or nothing that can be read. */
    private static Optional<RetryInfo> retryInfo(Throwable failure) {
        try {
            com.google.rpc.Status details = StatusProto.fromThrowable(failure);
            if (details != null) {
                for (Any detail : details.getDetailsList()) {
                    if (detail.is(RetryInfo.class)) {
                        return Optional.of(detail.unpack(RetryInfo.class));
                    }
                }
            }
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            LOG.debug("the collector's details of a failure cannot be read", e);
        }
        return Optional.empty();
    }

    /** The pause that is asked for, a day at most; 0 and less: none. */
    private static long millis(RetryInfo asked) {
        com.google.protobuf.Duration delay = asked.getRetryDelay();
        if (delay.getSeconds() < 0) {
            return 0;
        }
        long seconds = Math.min(delay.getSeconds(), TimeUnit.DAYS.toSeconds(1));
        return seconds * 1_000 + TimeUnit.NANOSECONDS.toMillis(delay.getNanos() + 999_999L);
    }

    /** How many items the collector has taken. */
    long sent() {
        return sent.sum();
    }

    /** How often something was tried again. */
    long retries() {
        return retries.sum();
    }

    /** Tries nothing again from now on. */
    void close() {
        closed = true;
    }
}
