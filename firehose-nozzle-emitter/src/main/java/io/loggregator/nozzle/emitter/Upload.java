package io.loggregator.nozzle.emitter;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.loggregator.rpc.RawMethods;
import java.util.concurrent.TimeUnit;

/** One stream of {@code loggregator.v2.Ingress/BatchSender}. Sent to by one thread. */
final class Upload extends ClientCall.Listener<byte[]> {
    private final ClientCall<byte[], byte[]> call;
    /** Under the lock of this object. */
    private Status end;

    private Upload(ClientCall<byte[], byte[]> call) {
        this.call = call;
    }

    static Upload open(Channel channel) {
        Upload upload = new Upload(channel.newCall(RawMethods.batchSender(), CallOptions.DEFAULT));
        upload.call.start(upload, new Metadata());
        upload.call.request(1);
        return upload;
    }

    /**
     * Waits until the stream takes a message, it has ended, or time is up.
     *
     * @return whether it takes one
     */
    synchronized boolean awaitReady(long nanos) throws InterruptedException {
        long limit = System.nanoTime() + nanos;
        while (end == null && !call.isReady()) {
            long left = limit - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return end == null;
    }

    void send(byte[] batch) {
        call.sendMessage(batch);
    }

    /** Ends the stream, and waits until the server has: it has then read everything. */
    synchronized boolean finish(long nanos) throws InterruptedException {
        call.halfClose();
        long limit = System.nanoTime() + nanos;
        while (end == null) {
            long left = limit - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return end.isOk();
    }

    void cancel() {
        call.cancel("given up", null);
    }

    /** How it ended; null while it is open. */
    synchronized Status end() {
        return end;
    }

    @Override
    public void onReady() {
        signal(null);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        signal(status);
    }

    private synchronized void signal(Status ended) {
        if (ended != null) {
            end = ended;
        }
        notifyAll();
    }
}
