package io.loggregator.doppler.ingress;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.RateLimitedLog;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** One stream of an agent, from its first message to its end. On the event loop of its connection, that is of its lane. */
final class IngressStream extends ServerCall.Listener<IncomingMessage> {
    private static final byte[] EMPTY = {};
    /** How long the end of an old connection's stream may wait for a lull. */
    private static final Duration AGE_PATIENCE = Duration.ofSeconds(10);

    private final ServerCall<IncomingMessage, byte[]> call;
    private final DopplerLane lane;
    private final Acceptor acceptor;
    private final Set<IngressStream> open;
    private final RateLimitedLog log;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private long messages;
    private Future<?> age;

    /** Takes a message in; tells what of it was left out and why, or null. */
    interface Acceptor {
        String accept(DopplerLane lane, IncomingMessage message);
    }

    /** @param open the streams that are open, which this one belongs to until it ends */
    IngressStream(
            ServerCall<IncomingMessage, byte[]> call,
            DopplerLane lane,
            Acceptor acceptor,
            Set<IngressStream> open,
            RateLimitedLog log) {
        this.call = call;
        this.lane = lane;
        this.acceptor = acceptor;
        this.open = open;
        this.log = log;
    }

    /** Has the stream end when its connection is old, if there is a limit. */
    void endInTime() {
        Long end = call.getAttributes().get(ConnectionAge.STREAMS_END);
        if (end != null && call.getMethodDescriptor().getType() != MethodDescriptor.MethodType.UNARY) {
            long millis = Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
            age = lane.later(millis, () -> endInLull(AGE_PATIENCE, "this connection is old"));
        }
    }

    /**
     * Ends the stream in a lull, with an answer and OK: everything that it brought has been taken in. If there is none
     * within the patience, it ends with UNAVAILABLE. From any thread.
     */
    CompletableFuture<Void> end(Duration patience, String why) {
        lane.execute(() -> endInLull(patience, why));
        return ended;
    }

    /** Ends the stream, whatever is on its way; from any thread. */
    void refuse(Status status) {
        // Later, as it may be the stream itself that finds out, while it takes bytes.
        lane.later(() -> {
            if (close()) {
                call.close(status, new Metadata());
            }
        });
    }

    private void endInLull(Duration patience, String why) {
        Lull lull = new Lull(patience, messages, System.nanoTime());
        lane.later(Lull.CHECK.toMillis(), () -> check(lull, why));
    }

    private void check(Lull lull, String why) {
        if (!open.contains(this)) {
            return;
        }
        switch (lull.ask(messages, System.nanoTime())) {
            case WAIT -> lane.later(Lull.CHECK.toMillis(), () -> check(lull, why));
            case SILENT -> {
                close();
                lane.counters().streamEnded();
                answer();
            }
            case OVER -> {
                close();
                call.close(Status.UNAVAILABLE.withDescription(why), new Metadata());
            }
        }
    }

    @Override
    public void onMessage(IncomingMessage message) {
        if (!open.contains(this)) {
            return;
        }
        messages++;
        String leftOut = acceptor.accept(lane, message);
        if (leftOut != null) {
            log.warn("ingress from {}: {}", call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR), leftOut);
        }
    }

    @Override
    public void onCancel() {
        close();
    }

    @Override
    public void onHalfClose() {
        if (!close()) {
            return;
        }
        if (messages == 0 && call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY) {
            call.close(Status.INTERNAL.withDescription("a request without a message"), new Metadata());
        } else {
            answer();
        }
    }

    private void answer() {
        call.sendHeaders(new Metadata());
        call.sendMessage(EMPTY);
        call.close(Status.OK, new Metadata());
    }

    private boolean close() {
        if (age != null) {
            age.cancel(false);
            age = null;
        }
        ended.complete(null);
        return open.remove(this);
    }
}
