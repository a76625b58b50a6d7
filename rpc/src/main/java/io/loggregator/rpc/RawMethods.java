package io.loggregator.rpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.plumbing.DopplerIngestorGrpc;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.IngressGrpc;

/** Descriptors of the services' methods with messages as the bytes that travel. */
public final class RawMethods {
    private RawMethods() {}

    /** {@code loggregator.v2.Ingress/BatchSender}: requests are {@code EnvelopeBatch}es. */
    public static MethodDescriptor<byte[], byte[]> batchSender() {
        return raw(IngressGrpc.getBatchSenderMethod());
    }

    /** {@code loggregator.v2.Ingress/Sender}: requests are single {@code Envelope}s. */
    public static MethodDescriptor<byte[], byte[]> sender() {
        return raw(IngressGrpc.getSenderMethod());
    }

    /** {@code loggregator.v2.Ingress/Send}: the request is an {@code EnvelopeBatch}. */
    public static MethodDescriptor<byte[], byte[]> send() {
        return raw(IngressGrpc.getSendMethod());
    }

    /** {@code loggregator.v2.Egress/BatchedReceiver}: answers are {@code EnvelopeBatch}es. */
    public static MethodDescriptor<byte[], byte[]> batchedReceiver() {
        return raw(EgressGrpc.getBatchedReceiverMethod());
    }

    /** {@code loggregator.v2.Egress/Receiver}: answers are single {@code Envelope}s. */
    public static MethodDescriptor<byte[], byte[]> receiver() {
        return raw(EgressGrpc.getReceiverMethod());
    }

    /** {@code plumbing.DopplerIngestor/Pusher}: requests are {@code EnvelopeData}. */
    public static MethodDescriptor<byte[], byte[]> pusher() {
        return raw(DopplerIngestorGrpc.getPusherMethod());
    }

    /** {@code plumbing.Doppler/Subscribe}: answers are {@code Response}s. */
    public static MethodDescriptor<byte[], byte[]> subscribe() {
        return raw(DopplerGrpc.getSubscribeMethod());
    }

    /** {@code plumbing.Doppler/BatchSubscribe}: answers are {@code BatchResponse}s. */
    public static MethodDescriptor<byte[], byte[]> batchSubscribe() {
        return raw(DopplerGrpc.getBatchSubscribeMethod());
    }

    /** {@code plumbing.Doppler/RecentLogs}: the answer is a {@code RecentLogsResponse}. */
    public static MethodDescriptor<byte[], byte[]> recentLogs() {
        return raw(DopplerGrpc.getRecentLogsMethod());
    }

    /** {@code plumbing.Doppler/ContainerMetrics}: the answer is a {@code ContainerMetricsResponse}. */
    public static MethodDescriptor<byte[], byte[]> containerMetrics() {
        return raw(DopplerGrpc.getContainerMetricsMethod());
    }

    private static MethodDescriptor<byte[], byte[]> raw(MethodDescriptor<?, ?> method) {
        return MethodDescriptor.newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
                .setType(method.getType())
                .setFullMethodName(method.getFullMethodName())
                .build();
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] value) {
            return new WholeBytes(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                // A received message knows its length, which the transport has checked against its limit.
                if (stream instanceof KnownLength) {
                    byte[] bytes = new byte[stream.available()];
                    int read = stream.readNBytes(bytes, 0, bytes.length);
                    if (read == bytes.length) {
                        return bytes;
                    }
                }
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new StatusRuntimeException(Status.INTERNAL
                        .withDescription("cannot read the message")
                        .withCause(e));
            }
        }
    }

    /** Bytes that gRPC may take in one go, where it would else copy them piece by piece. */
    private static final class WholeBytes extends ByteArrayInputStream implements Drainable, KnownLength {
        WholeBytes(byte[] bytes) {
            super(bytes);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            return (int) transferTo(target);
        }
    }
}
