package io.loggregator.trafficcontroller;

import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A call of an Egress method; takes as many messages as it is told to. */
final class EgressClient {
    private final List<Envelope> envelopes = new ArrayList<>(); // guarded by itself
    private final List<Integer> sizes = new ArrayList<>(); // guarded by envelopes
    private volatile Status status;
    private volatile boolean headers;
    private ClientCall<?, ?> call;

    /** One that reads all that comes. */
    static EgressClient batched(ManagedChannel channel, EgressBatchRequest request) {
        return batched(channel, request, Integer.MAX_VALUE);
    }

    /** @param messages how many it takes at first */
    static EgressClient batched(ManagedChannel channel, EgressBatchRequest request, int messages) {
        EgressClient client = new EgressClient();
        client.start(channel, EgressGrpc.getBatchedReceiverMethod(), EnvelopeBatch::getBatchList, messages)
                .sendMessage(request);
        client.call.halfClose();
        return client;
    }

    static EgressClient single(ManagedChannel channel, EgressRequest request) {
        EgressClient client = new EgressClient();
        client.start(channel, EgressGrpc.getReceiverMethod(), List::of, Integer.MAX_VALUE)
                .sendMessage(request);
        client.call.halfClose();
        return client;
    }

    /** One that has not asked for anything yet. */
    static EgressClient silent(ManagedChannel channel) {
        EgressClient client = new EgressClient();
        client.start(channel, EgressGrpc.getBatchedReceiverMethod(), EnvelopeBatch::getBatchList, Integer.MAX_VALUE);
        return client;
    }

    /** One that the server hears of before it asks for anything, as no generated client would have it. */
    static EgressClient waiting(ManagedChannel channel) {
        EgressClient client = new EgressClient();
        client.start(
                channel,
                EgressGrpc.getBatchedReceiverMethod().toBuilder()
                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                        .build(),
                EnvelopeBatch::getBatchList,
                Integer.MAX_VALUE);
        return client;
    }

    private <Q, A extends com.google.protobuf.MessageLite> ClientCall<Q, A> start(
            ManagedChannel channel,
            MethodDescriptor<Q, A> method,
            Function<A, List<Envelope>> envelopesOf,
            int messages) {
        ClientCall<Q, A> started = channel.newCall(method, CallOptions.DEFAULT);
        call = started;
        started.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onHeaders(Metadata received) {
                        headers = true;
                    }

                    @Override
                    public void onMessage(A message) {
                        synchronized (envelopes) {
                            envelopes.addAll(envelopesOf.apply(message));
                            sizes.add(message.getSerializedSize());
                        }
                    }

                    @Override
                    public void onClose(Status closed, Metadata trailers) {
                        status = closed;
                    }
                },
                new Metadata());
        if (messages > 0) {
            started.request(messages);
        }
        return started;
    }

    /** Takes so many messages more. */
    void request(int messages) {
        call.request(messages);
    }

    void cancel() {
        call.cancel("enough", null);
    }

    void halfClose() {
        call.halfClose();
    }

    /** Waits until the server serves it. */
    EgressClient served() {
        await().until(() -> headers);
        return this;
    }

    List<Envelope> received() {
        synchronized (envelopes) {
            return List.copyOf(envelopes);
        }
    }

    /** Waits for so many envelopes. */
    List<Envelope> received(int count) {
        return await().atMost(Duration.ofSeconds(60)).until(this::received, all -> all.size() >= count);
    }

    /** Sizes of the messages so far, in bytes. */
    List<Integer> sizes() {
        synchronized (envelopes) {
            return List.copyOf(sizes);
        }
    }

    /** Waits for the end. */
    Status status() {
        return await().atMost(Duration.ofSeconds(60)).until(() -> status, end -> end != null);
    }

    boolean isOpen() {
        return status == null;
    }
}
