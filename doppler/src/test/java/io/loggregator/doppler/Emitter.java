package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.loggregator.rpc.RawMethods;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.plumbing.DopplerIngestorGrpc;
import org.cloudfoundry.loggregator.plumbing.EnvelopeData;
import org.cloudfoundry.loggregator.plumbing.PushResponse;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.IngressResponse;

/** An agent: a connection to the ingress port. */
final class Emitter implements AutoCloseable {
    private final ManagedChannel channel;

    private Emitter(ManagedChannel channel) {
        this.channel = channel;
    }

    static Emitter plain(RunningDoppler doppler) {
        return new Emitter(NettyChannelBuilder.forAddress("127.0.0.1", doppler.ingressPort())
                .usePlaintext()
                .build());
    }

    static Emitter tls(RunningDoppler doppler, SslContext context) {
        return new Emitter(NettyChannelBuilder.forAddress("127.0.0.1", doppler.ingressPort())
                .sslContext(context)
                .build());
    }

    Upload<EnvelopeBatch, BatchSenderResponse> batchSender() {
        return new Upload<>(IngressGrpc.newStub(channel)::batchSender);
    }

    Upload<Envelope, IngressResponse> sender() {
        return new Upload<>(IngressGrpc.newStub(channel)::sender);
    }

    IngressGrpc.IngressBlockingStub blocking() {
        return IngressGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    /** BatchSender whose messages are any bytes. */
    Upload<byte[], byte[]> rawBatchSender() {
        return new Upload<>(answers -> ClientCalls.asyncClientStreamingCall(
                channel.newCall(RawMethods.batchSender(), CallOptions.DEFAULT), answers));
    }

    /** Sender whose messages are any bytes. */
    Upload<byte[], byte[]> rawSender() {
        return new Upload<>(answers -> ClientCalls.asyncClientStreamingCall(
                channel.newCall(RawMethods.sender(), CallOptions.DEFAULT), answers));
    }

    /** Pusher whose messages are any bytes. */
    Upload<byte[], byte[]> rawPusher() {
        return new Upload<>(answers -> ClientCalls.asyncClientStreamingCall(
                channel.newCall(RawMethods.pusher(), CallOptions.DEFAULT), answers));
    }

    /** Pusher of v1 envelopes. */
    Upload<EnvelopeData, PushResponse> pusher() {
        return new Upload<>(DopplerIngestorGrpc.newStub(channel)::pusher);
    }

    /** Sends all in one stream, a hundred in a batch, and waits until the Doppler has taken them. */
    void emit(List<Envelope> envelopes) {
        assertThat(batchSender().sendAll(Envelopes.batches(envelopes, 100)).complete())
                .returns(Status.Code.OK, Status::getCode);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
