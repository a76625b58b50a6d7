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
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzles.runner.LeftOut;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One kind of export to the collector, with what OTLP says about failures (OpenTelemetry Protocol Specification, "Failures"
 * of OTLP/gRPC): what may help by trying again is tried until it does, after the pause that the collector asks for or else
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
    private volatile boolean closed;

    /**
     * How long to pause before another attempt, where the collector does not say.
     *
     * @param first after the first failure; then twice as much each time
     * @param most and no more than this, whoever says so
     */
    record Pauses(Duration first, Duration most) {
        long millis(int failures, Optional<Duration> asked) {
            long longest = most.toMillis();
            if (asked.isPresent()) {
                return Math.min(longest, asked.get().toMillis());
            }
            long span = Math.min(longest, first.toMillis() << Math.min(failures - 1, 20));
            return span - ThreadLocalRandom.current().nextLong(span / 2 + 1);
        }
    }

    /** @param items what is sent, in the plural, for people and for the counter of what is left out */
    Signal(
            String items,
            Channel channel,
            MethodDescriptor<Q, A> method,
            Function<A, Partial> partial,
            Duration timeout,
            Pauses pauses,
            LeftOut leftOut) {
        this.items = items;
        this.channel = channel;
        this.method = method;
        this.partial = partial;
        this.timeout = timeout;
        this.pauses = pauses;
        this.leftOut = leftOut;
    }

    /**
     * Sends it, however often that takes.
     *
     * @param count how many items it has
     * @return complete when the collector has taken what it ever will; failed with a final {@link NozzleException} where it
     *     takes nothing from this nozzle, and with another when the signal was closed first
     */
    CompletionStage<Void> export(Q request, long count) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        attempt(request, count, 0, done);
        return done;
    }

    private void attempt(Q request, long count, int failures, CompletableFuture<Void> done) {
        if (closed) {
            done.completeExceptionally(new NozzleException("closed before the collector had taken all", false, null));
            return;
        }
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
        ClientCalls.asyncUnaryCall(channel.newCall(method, options), request, new StreamObserver<A>() {
            private A answer;

            @Override
            public void onNext(A value) {
                answer = value;
            }

            @Override
            public void onError(Throwable failure) {
                failed(failure, request, count, failures + 1, done);
            }

            @Override
            public void onCompleted() {
                Partial result = partial.apply(answer);
                long rejected = Math.max(0, Math.min(count, result.rejected()));
                sent.add(count - rejected);
                if (rejected > 0) {
                    leftOut.add("rejected_" + items, rejected, "the collector took only a part: " + result.message());
                } else if (!result.message().isEmpty()) {
                    LOG.debug("the collector says of {} that it took: {}", items, result.message());
                }
                done.complete(null);
            }
        });
    }

    private void failed(Throwable failure, Q request, long count, int failures, CompletableFuture<Void> done) {
        Status status = Status.fromThrowable(failure);
        String said = status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
        Optional<Duration> asked = retryDelay(failure);
        if (RETRYABLE.contains(status.getCode())
                || (status.getCode() == Status.Code.RESOURCE_EXHAUSTED && asked.isPresent())) {
            retries.increment();
            long millis = pauses.millis(failures, asked);
            if (Integer.bitCount(failures) == 1) {
                LOG.warn(
                        "attempt {} to send {} {} failed by {}; trying again in {} ms",
                        failures,
                        count,
                        items,
                        said,
                        millis);
            }
            CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
                    .execute(() -> attempt(request, count, failures, done));
        } else if (FINAL.contains(status.getCode())) {
            done.completeExceptionally(new NozzleException(
                    "the collector takes no " + items + " from this nozzle: " + said, true, failure));
        } else {
            leftOut.add("refused_" + items, count, "the collector refused a request: " + said);
            done.complete(null);
        }
    }

    /** The pause that the collector asks for; empty: none, or none longer than 0. */
    private static Optional<Duration> retryDelay(Throwable failure) {
        com.google.rpc.Status details = StatusProto.fromThrowable(failure);
        if (details == null) {
            return Optional.empty();
        }
        for (Any detail : details.getDetailsList()) {
            if (detail.is(RetryInfo.class)) {
                try {
                    com.google.protobuf.Duration delay =
                            detail.unpack(RetryInfo.class).getRetryDelay();
                    return Optional.of(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()));
                } catch (InvalidProtocolBufferException | ArithmeticException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
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
