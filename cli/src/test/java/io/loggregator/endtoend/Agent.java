package io.loggregator.endtoend;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;

/** Sends batches to a Doppler over one gRPC stream, by the generated stub, waiting whenever the stream is not ready. */
final class Agent implements AutoCloseable {
    private static final long LIMIT_SECONDS = 30;

    private final ManagedChannel channel;
    private final Semaphore ready = new Semaphore(0);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final ClientCallStreamObserver<EnvelopeBatch> stream;

    /** @param tlsOrNull null for plain text */
    Agent(int port, SslContext tlsOrNull) {
        this("127.0.0.1", port, tlsOrNull);
    }

    /** To a Doppler at another address than usual. */
    Agent(String host, int port, SslContext tlsOrNull) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(host, port);
        if (tlsOrNull == null) {
            builder.usePlaintext();
        } else {
            builder.sslContext(tlsOrNull).overrideAuthority("doppler");
        }
        channel = builder.build();
        stream = (ClientCallStreamObserver<EnvelopeBatch>)
                IngressGrpc.newStub(channel).batchSender(new Answers());
    }

    /** Sends one batch as one message. */
    void send(List<Envelope> batch) {
        send(EnvelopeBatch.newBuilder().addAllBatch(batch).build());
    }

    void send(EnvelopeBatch batch) {
        try {
            while (!stream.isReady()) {
                if (ended.isDone()) {
                    throw new AssertionError(
                            "the ingress stream has ended",
                            ended.handle((none, why) -> why).join());
                }
                if (!ready.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("ingress takes nothing");
                }
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        stream.onNext(batch);
    }

    void send(Envelope envelope) {
        send(List.of(envelope));
    }

    /** Ends the stream; when this returns, the Doppler has taken everything in. */
    void finish() {
        stream.onCompleted();
        ended.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private final class Answers implements ClientResponseObserver<EnvelopeBatch, BatchSenderResponse> {
        @Override
        public void beforeStart(ClientCallStreamObserver<EnvelopeBatch> requests) {
            requests.setOnReadyHandler(ready::release);
        }

        @Override
        public void onNext(BatchSenderResponse empty) {}

        @Override
        public void onError(Throwable failure) {
            ended.completeExceptionally(failure);
            ready.release();
        }

        @Override
        public void onCompleted() {
            ended.complete(null);
            ready.release();
        }
    }
}
