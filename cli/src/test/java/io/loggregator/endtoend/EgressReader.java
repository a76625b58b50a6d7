package io.loggregator.endtoend;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A reader of gRPC v2, by the generated stub. */
final class EgressReader implements AutoCloseable {
    private final ManagedChannel channel;
    private final List<Envelope> received = new ArrayList<>(); // guarded by itself
    private volatile Throwable failure;

    private EgressReader(ManagedChannel channel) {
        this.channel = channel;
    }

    static EgressReader batched(ManagedChannel channel, EgressBatchRequest request) {
        EgressReader reader = new EgressReader(channel);
        EgressGrpc.newStub(channel).batchedReceiver(request, reader.observer(EnvelopeBatch::getBatchList));
        return reader;
    }

    static EgressReader single(ManagedChannel channel, EgressRequest request) {
        EgressReader reader = new EgressReader(channel);
        EgressGrpc.newStub(channel).receiver(request, reader.observer(List::of));
        return reader;
    }

    private <Q, A> ClientResponseObserver<Q, A> observer(Function<A, List<Envelope>> envelopesOf) {
        return new ClientResponseObserver<>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<Q> request) {}

            @Override
            public void onNext(A message) {
                synchronized (received) {
                    received.addAll(envelopesOf.apply(message));
                }
            }

            @Override
            public void onError(Throwable thrown) {
                failure = thrown;
            }

            @Override
            public void onCompleted() {}
        };
    }

    /** Everything so far; fails if the stream has. */
    List<Envelope> received() {
        if (failure != null) {
            throw new AssertionError("the stream failed", failure);
        }
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    /** What came of one source. */
    List<Envelope> of(String source) {
        return received().stream()
                .filter(envelope -> envelope.getSourceId().equals(source))
                .toList();
    }

    /** The text of every log line so far; of other envelopes an empty one. */
    List<String> lines() {
        return received().stream()
                .map(envelope -> envelope.getLog().getPayload().toStringUtf8())
                .toList();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
