package io.loggregator.cli.emit;

import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.loggregator.cli.client.Backoff;
import io.loggregator.rpc.RawMethods;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.cloudfoundry.loggregator.plumbing.EnvelopeData;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/**
 * Sends batches over {@code loggregator.v2.Ingress/BatchSender}, or their envelopes as v1 over {@code
 * plumbing.DopplerIngestor/Pusher}, waiting while the server holds the stream up, and opening a new stream when one
 * breaks, or when the server asks for a new connection. The protocol has no acknowledgements: what a broken stream had
 * taken in its last moments may not have arrived. Used by one thread.
 */
public final class IngressSender implements EnvelopeSender {
    /** The server never came to answer, or refused the stream for a reason that will not go away. */
    public static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean refused;

        Failed(String message, boolean refused) {
            super(message);
            this.refused = refused;
        }

        /** Whether the server was reached and said no. */
        public boolean refused() {
            return refused;
        }
    }

    private static final long SAY_HELD_UP_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CONNECT_SECONDS = 10;
    private static final long END_SECONDS = 10;

    private final ManagedChannel channel;
    private final MethodDescriptor<byte[], byte[]> method;
    private final Function<EnvelopeBatch, List<byte[]>> messages;
    private final String address;
    private final Backoff backoff;
    private final boolean patient;
    private final Consumer<String> notices;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Under the lock. */
    private Stream stream;

    private boolean connectedBefore;
    private long sent;

    /**
     * {@code address} is how to call the server in messages. With {@code patient} the first connection may fail like
     * any later one. The channel is shut down by {@link #close}.
     */
    public IngressSender(
            ManagedChannel channel, String address, Backoff backoff, boolean patient, Consumer<String> notices) {
        this(
                channel,
                RawMethods.batchSender(),
                batch -> List.of(batch.toByteArray()),
                address,
                backoff,
                patient,
                notices);
    }

    /** The same, but it sends v1 envelopes. */
    public static IngressSender v1(
            ManagedChannel channel, String address, Backoff backoff, boolean patient, Consumer<String> notices) {
        V1Envelopes v1 = new V1Envelopes();
        return new IngressSender(
                channel,
                RawMethods.pusher(),
                batch -> v1.of(batch).stream().map(IngressSender::pushed).toList(),
                address,
                backoff,
                patient,
                notices);
    }

    private static byte[] pushed(byte[] envelope) {
        return EnvelopeData.newBuilder()
                .setPayload(UnsafeByteOperations.unsafeWrap(envelope))
                .build()
                .toByteArray();
    }

    private IngressSender(
            ManagedChannel channel,
            MethodDescriptor<byte[], byte[]> method,
            Function<EnvelopeBatch, List<byte[]>> messages,
            String address,
            Backoff backoff,
            boolean patient,
            Consumer<String> notices) {
        this.channel = channel;
        this.method = method;
        this.messages = messages;
        this.address = address;
        this.backoff = backoff;
        this.patient = patient;
        this.notices = notices;
    }

    /** Envelopes that were handed to a stream which was ready for them. */
    @Override
    public long sent() {
        return sent;
    }

    /** Hands on one batch, waiting until a stream is ready for it. */
    @Override
    public void send(EnvelopeBatch batch) throws Failed, InterruptedException {
        Stream ready = readyStream();
        messages.apply(batch).forEach(ready.requests::onNext);
        sent += batch.getBatchCount();
    }

    /**
     * Ends the stream and waits for the server to end it too: it has then read everything that was sent.
     *
     * @throws Failed if the server does not, or ends it with an error
     */
    @Override
    public void finish() throws Failed, InterruptedException {
        lock.lock();
        try {
            if (stream == null) {
                return;
            }
            String trouble = finish(stream);
            stream = null;
            if (trouble != null) {
                throw new Failed(trouble + ": the last envelopes may not have arrived", false);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends a stream and waits for the server to end it, too; null when it has read everything, else what happened. */
    private String finish(Stream last) throws InterruptedException {
        last.finishing = true;
        last.requests.onCompleted();
        long left = TimeUnit.SECONDS.toNanos(END_SECONDS);
        while (last.end == null) {
            if (left <= 0) {
                return address + " did not end the stream within " + END_SECONDS + " s";
            }
            left = changed.awaitNanos(left);
        }
        return last.end.isOk() || isGoEnd(last.end)
                ? null
                : "the stream to " + address + " broke while ending (" + text(last.end) + ")";
    }

    /**
     * Ends the stream at hand if the server has asked for a new connection: the channel has left its connection behind,
     * but a stream that was there before goes on. Ended from here, nothing of it is lost.
     */
    private void moveOn() throws InterruptedException {
        if (stream != null
                && stream.connected
                && stream.end == null
                && channel.getState(false) != ConnectivityState.READY) {
            String trouble = finish(stream);
            stream = null;
            if (trouble != null) {
                notices.accept(trouble + ", what it held may not have arrived");
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(2, TimeUnit.SECONDS);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    private Stream readyStream() throws Failed, InterruptedException {
        while (true) {
            String trouble;
            lock.lock();
            try {
                moveOn();
                if (stream == null) {
                    // The channel's own pauses between dials grow to minutes; ours are enough.
                    channel.resetConnectBackoff();
                    stream = new Stream();
                    ClientCalls.asyncClientStreamingCall(channel.newCall(method, CallOptions.DEFAULT), stream);
                }
                trouble = awaitReady(stream);
                if (trouble == null) {
                    return stream;
                }
                stream = null;
            } finally {
                lock.unlock();
            }
            long pause = backoff.nextMillis();
            notices.accept(String.format(Locale.ROOT, "%s; trying again in %.1f s", trouble, pause / 1000.0));
            Thread.sleep(pause);
        }
    }

    /** Null when the stream takes a batch, else why it will not. */
    private String awaitReady(Stream waited) throws Failed, InterruptedException {
        long start = System.nanoTime();
        boolean saidHeldUp = false;
        while (waited.end == null) {
            if (waited.requests.isReady()) {
                arrived(waited, saidHeldUp, System.nanoTime() - start);
                return null;
            }
            long waiting = System.nanoTime() - start;
            if (!waited.connected && waiting > TimeUnit.SECONDS.toNanos(CONNECT_SECONDS)) {
                waited.requests.cancel("no connection", null);
                waited.end = Status.UNAVAILABLE.withDescription("no answer in " + CONNECT_SECONDS + " s");
            } else if (waited.connected && !saidHeldUp && waiting > SAY_HELD_UP_AFTER_NANOS) {
                saidHeldUp = true;
                notices.accept("held up: " + address + " takes nothing at the moment");
            } else {
                changed.await(250, TimeUnit.MILLISECONDS);
            }
        }
        return brokenBecause(waited);
    }

    private void arrived(Stream ready, boolean saidHeldUp, long waitedNanos) {
        if (saidHeldUp) {
            notices.accept(String.format(Locale.ROOT, "flowing again after %.1f s", waitedNanos / 1e9));
        }
        if (!ready.connected) {
            ready.connected = true;
            if (connectedBefore) {
                notices.accept("connected again");
            }
            connectedBefore = true;
        } else {
            backoff.reset();
        }
    }

    private String brokenBecause(Stream broken) throws Failed {
        Status end = broken.end;
        boolean refused = switch (end.getCode()) {
            case UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT -> true;
            default -> false;
        };
        if (refused) {
            throw new Failed(address + " refused: " + text(end), true);
        }
        if (!broken.connected) {
            String message = "cannot connect to " + address + ": " + text(end);
            if (!connectedBefore && !patient) {
                throw new Failed(message, false);
            }
            return message;
        }
        return "the stream to " + address + " broke (" + text(end) + "), what it held may not have arrived";
    }

    /** The Go servers end a stream that was ended properly with their reader's "EOF". */
    private static boolean isGoEnd(Status status) {
        return status.getCode() == Status.Code.UNKNOWN && "EOF".equals(status.getDescription());
    }

    private static String text(Status status) {
        String description = status.getDescription() == null
                ? status.getCode().name()
                : status.getDescription().replaceAll("\\p{Cntrl}+", " ");
        Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause == null || cause.getMessage() == null ? description : description + ": " + cause.getMessage();
    }

    private final class Stream implements ClientResponseObserver<byte[], byte[]> {
        private ClientCallStreamObserver<byte[]> requests;
        /** Under the lock. */
        private Status end;

        private boolean connected;
        private boolean finishing;

        @Override
        public void beforeStart(ClientCallStreamObserver<byte[]> stream) {
            requests = stream;
            stream.setOnReadyHandler(this::signal);
        }

        @Override
        public void onNext(byte[] empty) {
            signal();
        }

        @Override
        public void onError(Throwable failure) {
            ended(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            lock.lock();
            try {
                ended(finishing ? Status.OK : Status.UNAVAILABLE.withDescription("the server ended it"));
            } finally {
                lock.unlock();
            }
        }

        private void ended(Status status) {
            lock.lock();
            try {
                if (end == null) {
                    end = status;
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private void signal() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
