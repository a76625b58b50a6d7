package io.loggregator.endtoend;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;

/**
 * Sends as agents in the field do: over one stream for as long as it lives, and when that has ended, over another one to
 * the next Doppler, without the batch that found out. It pays no heed to a server that asks for a new connection.
 */
final class PlainEmitter implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Cluster cluster;
    private int doppler;
    private ManagedChannel channel;
    private Stream stream;
    private long handedOver;
    private final AtomicInteger streams = new AtomicInteger();

    PlainEmitter(Cluster cluster, int first) {
        this.cluster = cluster;
        this.doppler = first;
    }

    /** Envelopes that a stream took which had not ended by then. */
    long handedOver() {
        return handedOver;
    }

    /** How many streams took something. */
    int streams() {
        return streams.get();
    }

    /** Hands one batch to a stream; if that has ended, the batch is dropped. */
    void send(EnvelopeBatch batch) throws IOException {
        if (stream == null) {
            connect();
        }
        while (!stream.requests.isReady() && !stream.ended) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        if (stream.ended) {
            leave();
            return;
        }
        if (!stream.used) {
            stream.used = true;
            streams.incrementAndGet();
        }
        stream.requests.onNext(batch);
        handedOver += batch.getBatchCount();
    }

    private void connect() throws IOException {
        channel = cluster.channel(doppler);
        stream = new Stream();
        IngressGrpc.newStub(channel).batchSender(stream);
    }

    private void leave() {
        channel.shutdownNow();
        stream = null;
        doppler = (doppler + 1) % cluster.dopplerCount();
    }

    /** Ends the stream; when this returns, its Doppler has taken everything in. */
    void finish() {
        if (stream != null && !stream.ended) {
            stream.requests.onCompleted();
            while (!stream.ended) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.shutdownNow();
        }
    }

    private static final class Stream implements ClientResponseObserver<EnvelopeBatch, BatchSenderResponse> {
        private ClientCallStreamObserver<EnvelopeBatch> requests;
        private boolean used;
        private volatile boolean ended;

        @Override
        public void beforeStart(ClientCallStreamObserver<EnvelopeBatch> toServer) {
            requests = toServer;
        }

        @Override
        public void onNext(BatchSenderResponse empty) {}

        @Override
        public void onError(Throwable failure) {
            ended = true;
        }

        @Override
        public void onCompleted() {
            ended = true;
        }
    }
}
