package io.loggregator.trafficcontroller.router;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.rpc.RawMethods;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This Traffic Controller's own envelopes on their way to one Doppler, in a stream as agents have it, which Dopplers of
 * every release take. The stream is opened when there is something to send. Nothing is handed to gRPC that it would keep
 * waiting; a Doppler that does not read has the stream ended. One that refuses it says so after the first batch was sent, so
 * a stream has to last for a moment before that batch counts. On the session's event loop.
 */
final class OwnEnvelopes {
    private static final Logger LOG = LoggerFactory.getLogger(OwnEnvelopes.class);
    private static final Duration LOG_PERIOD = Duration.ofMinutes(1);
    /** Of batches that wait: more than there are components that tell of themselves, each one batch at a time. */
    private static final int MOST_WAITING = 8;

    private static final long LONGEST_WAIT_MILLIS = 2_000;
    private static final long PROOF_MILLIS = 500;
    private static final long LONGEST_FINISH_MILLIS = 1_000;

    /** What else a Doppler says that has taken nothing of the stream. */
    private static final Set<Status.Code> TAKEN_NOTHING =
            EnumSet.of(Status.Code.RESOURCE_EXHAUSTED, Status.Code.UNAUTHENTICATED);

    private final RouterSession session;
    private final RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
    private final Queue<Batch> waiting = new ArrayDeque<>();
    /** Null while there is none. */
    private ClientCall<byte[], byte[]> call;

    private Channels.Line line;
    /** The first batch of this stream, until it is known not to be refused. */
    private Batch first;

    private boolean proven;
    private long proof;
    /** Runs while batches wait. */
    private long timer;

    private Promise<Void> finished;

    private record Batch(byte[] bytes, Promise<Void> sent) {}

    OwnEnvelopes(RouterSession session) {
        this.session = session;
    }

    /** Sends a batch. Completes when it is on its way; when it fails, the Doppler has none of it. */
    Future<Void> send(byte[] batch) {
        if (finished != null || waiting.size() == MOST_WAITING) {
            return Future.failedFuture("too much waits for Doppler " + session.address());
        }
        if (call == null) {
            open();
        }
        if (call == null) {
            return Future.failedFuture("no stream to Doppler " + session.address());
        }
        Promise<Void> sent = Promise.promise();
        waiting.add(new Batch(batch, sent));
        if (waiting.size() == 1) {
            timer = session.vertx().setTimer(LONGEST_WAIT_MILLIS, late -> abort("it takes nothing"));
            sendOn();
        }
        return sent.future();
    }

    /** Ends the stream, so that the Doppler takes what was sent, and nothing is sent any more; completes when it has. */
    Future<Void> finish() {
        finished = Promise.promise();
        session.vertx().cancelTimer(timer);
        while (!waiting.isEmpty()) {
            waiting.remove().sent().fail("this Traffic Controller stops");
        }
        if (call == null) {
            return Future.succeededFuture();
        }
        call.halfClose();
        Future<Void> late = session.vertx()
                .timer(LONGEST_FINISH_MILLIS, TimeUnit.MILLISECONDS)
                .mapEmpty();
        return Future.any(finished.future(), late).mapEmpty();
    }

    /** Gives up what waits. */
    void abort(String reason) {
        ClientCall<byte[], byte[]> ended = call;
        if (ended != null) {
            over(Status.CANCELLED.withDescription(reason));
            ended.cancel(reason, null);
        }
    }

    private void open() {
        line = session.channels().take();
        ClientCall<byte[], byte[]> next = line.channel().newCall(RawMethods.batchSender(), CallOptions.DEFAULT);
        call = next;
        next.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onReady() {
                        if (call == next) {
                            sendOn();
                        }
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        if (call == next) {
                            over(status);
                        }
                    }
                },
                new Metadata());
        next.request(1);
    }

    private void sendOn() {
        while (!waiting.isEmpty() && first == null && call.isReady()) {
            Batch batch = waiting.remove();
            call.sendMessage(batch.bytes());
            if (proven) {
                batch.sent().complete();
            } else {
                first = batch;
                proof = session.vertx().setTimer(PROOF_MILLIS, lasted -> proven());
            }
        }
        if (waiting.isEmpty()) {
            session.vertx().cancelTimer(timer);
        }
    }

    private void proven() {
        proven = true;
        Batch taken = first;
        first = null;
        taken.sent().complete();
        sendOn();
    }

    private void over(Status status) {
        call = null;
        session.channels().giveBack(line);
        if (finished != null) {
            finished.complete();
        } else if (!status.isOk()) {
            log.warn(
                    "the stream of own metrics to Doppler {} ended: {} {}",
                    session.address(),
                    status.getCode(),
                    status.getDescription());
        }
        session.vertx().cancelTimer(timer);
        proven = false;
        if (first != null) {
            session.vertx().cancelTimer(proof);
            Batch last = first;
            first = null;
            if (RouterStream.refuses(status) || TAKEN_NOTHING.contains(status.getCode())) {
                last.sent().fail(status.asException());
            } else {
                last.sent().complete();
            }
        }
        while (!waiting.isEmpty()) {
            waiting.remove().sent().fail(status.asException());
        }
    }
}
