package io.loggregator.benchmarks.load;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.loggregator.rpc.RawMethods;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One connection to a Doppler's ingress with one {@code BatchSender} stream on it. Used by one thread. */
public final class IngressStream {
    /** Bytes gRPC buffers before it says that it is not ready: a few batches. */
    private static final int READY_BYTES = 128 * 1024;

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long CLOSE_SECONDS = 5;

    private final ManagedChannel channel;
    private final ClientCall<byte[], byte[]> call;
    private final Thread user = Thread.currentThread();
    private volatile Status end;

    /** Opens a stream; it is ready when the connection is there. The calling thread is its user. */
    public IngressStream(ManagedChannel channel) {
        this.channel = channel;
        this.call = channel.newCall(RawMethods.batchSender(), CallOptions.DEFAULT.withOnReadyThreshold(READY_BYTES));
        call.start(new Events(), new Metadata());
        call.request(1);
    }

    private final class Events extends ClientCall.Listener<byte[]> {
        @Override
        public void onReady() {
            LockSupport.unpark(user);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end = status;
            LockSupport.unpark(user);
        }
    }

    /**
     * Waits until the stream takes a message.
     *
     * @param until {@link System#nanoTime()} after which not to wait any more
     * @return whether it does
     * @throws IOException the stream has ended
     */
    public boolean awaitReady(long until) throws IOException {
        while (!call.isReady()) {
            if (end != null) {
                throw new IOException("the Doppler ended an ingress stream: " + end);
            }
            if (System.nanoTime() - until >= 0) {
                return false;
            }
            LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
        }
        return true;
    }

    /** Sends; the bytes may be changed afterwards. */
    public void send(byte[] batch) {
        // gRPC reads the whole message into buffers of its own before it returns.
        call.sendMessage(batch);
    }

    /** Ends it and its connection, whatever is on its way. */
    public void close() {
        call.cancel("the benchmark is over", null);
        channel.shutdownNow();
        try {
            channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }
}
