package io.loggregator.cli;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;

/** A gRPC ingress that keeps what it receives, and misbehaves when told to. */
final class IngressServer extends IngressGrpc.IngressImplBase implements AutoCloseable {
    private final List<EnvelopeBatch> batches = new CopyOnWriteArrayList<>();
    private final Set<ServerCallStreamObserver<BatchSenderResponse>> open = ConcurrentHashMap.newKeySet();
    private final Server server;
    private volatile Status end = Status.OK;
    private volatile Status refusal = Status.OK;
    private volatile boolean reading = true;

    private IngressServer(int port, SslContext tlsOrNull) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(this);
        if (tlsOrNull != null) {
            builder.sslContext(tlsOrNull);
        }
        server = builder.build().start();
    }

    static IngressServer plain() throws IOException {
        return plain(0);
    }

    static IngressServer plain(int port) throws IOException {
        return new IngressServer(port, null);
    }

    static IngressServer tls(SslContext context) throws IOException {
        return new IngressServer(0, context);
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    List<Envelope> received() {
        return batches.stream().flatMap(batch -> batch.getBatchList().stream()).toList();
    }

    List<String> payloads() {
        return received().stream()
                .map(envelope -> envelope.getLog().getPayload().toStringUtf8())
                .toList();
    }

    List<Integer> batchSizes() {
        return batches.stream().map(EnvelopeBatch::getBatchCount).toList();
    }

    int openStreams() {
        return open.size();
    }

    void endWith(Status status) {
        end = status;
    }

    void refuseWith(Status status) {
        refusal = status;
    }

    void stopReading() {
        reading = false;
    }

    void startReading() {
        reading = true;
        open.forEach(stream -> stream.request(1));
    }

    void breakStreams(Status status) {
        for (ServerCallStreamObserver<BatchSenderResponse> stream : List.copyOf(open)) {
            open.remove(stream);
            stream.onError(status.asRuntimeException());
        }
    }

    @Override
    public StreamObserver<EnvelopeBatch> batchSender(StreamObserver<BatchSenderResponse> responses) {
        ServerCallStreamObserver<BatchSenderResponse> stream =
                (ServerCallStreamObserver<BatchSenderResponse>) responses;
        if (!refusal.isOk()) {
            stream.onError(refusal.asRuntimeException());
        } else {
            open.add(stream);
            stream.disableAutoRequest();
            if (reading) {
                stream.request(1);
            }
        }
        return new StreamObserver<>() {
            @Override
            public void onNext(EnvelopeBatch batch) {
                batches.add(batch);
                if (reading) {
                    stream.request(1);
                }
            }

            @Override
            public void onError(Throwable gone) {
                open.remove(stream);
            }

            @Override
            public void onCompleted() {
                if (!open.remove(stream)) {
                    return;
                }
                if (end.isOk()) {
                    stream.onNext(BatchSenderResponse.getDefaultInstance());
                    stream.onCompleted();
                } else {
                    stream.onError(end.asRuntimeException());
                }
            }
        };
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
