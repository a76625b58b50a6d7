package io.loggregator.endtoend;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;

/** A reader of v1 over gRPC, at a Doppler, as a Traffic Controller of the Go release is one. */
final class PlumbingReader implements AutoCloseable {
    private final ManagedChannel channel;
    private final List<EventFactory.Envelope> received = new ArrayList<>(); // guarded by itself
    private volatile Throwable failure;

    PlumbingReader(ManagedChannel channel, SubscriptionRequest request) {
        this.channel = channel;
        DopplerGrpc.newStub(channel).batchSubscribe(request, new Batches());
    }

    /** Everything so far; fails if the stream has. */
    List<EventFactory.Envelope> received() {
        if (failure != null) {
            throw new AssertionError("the stream failed", failure);
        }
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private final class Batches implements StreamObserver<BatchResponse> {
        @Override
        public void onNext(BatchResponse batch) {
            for (ByteString payload : batch.getPayloadList()) {
                EventFactory.Envelope envelope;
                try {
                    envelope = EventFactory.Envelope.parseFrom(payload);
                } catch (InvalidProtocolBufferException e) {
                    failure = e;
                    return;
                }
                synchronized (received) {
                    received.add(envelope);
                }
            }
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
        }

        @Override
        public void onCompleted() {}
    }
}
