package io.loggregator.benchmarks.reader;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.benchmarks.load.Transport;
import io.loggregator.rpc.RawMethods;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;

/** One gRPC v2 reader of all logs, {@code loggregator.v2.Egress/BatchedReceiver}, by the bytes of its batches. */
final class GrpcClient extends ClientCall.Listener<byte[]> implements Client {
    private static final int LARGEST_MESSAGE = 64 << 20;
    /** Messages that may be under way: enough that the connection's window is what bounds them. */
    private static final int AHEAD = 64;

    private final Endpoint endpoint;
    private final String serverName;
    private final EgressBatchRequest request;
    private final Checker checker;
    private final Course course = new Course("Egress");
    private ManagedChannel channel;
    private ClientCall<byte[], byte[]> call;

    /**
     * @param serverName what the server must show
     * @param shard that it reads
     * @param preferredTags in which form it wants tags
     */
    GrpcClient(Endpoint endpoint, String serverName, String shard, boolean preferredTags, Checker checker) {
        this.endpoint = endpoint;
        this.serverName = serverName;
        this.request = EgressBatchRequest.newBuilder()
                .setShardId(shard)
                .setUsePreferredTags(preferredTags)
                .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                .build();
        this.checker = checker;
    }

    @Override
    public void connect(EventLoop loop) {
        channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port()))
                .sslContext(endpoint.tls())
                .overrideAuthority(serverName)
                .eventLoopGroup(loop)
                .channelType(Transport.client())
                .directExecutor()
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .build();
        call = channel.newCall(RawMethods.batchedReceiver(), CallOptions.DEFAULT);
        call.start(this, new Metadata());
        call.sendMessage(request.toByteArray());
        call.halfClose();
        call.request(AHEAD);
    }

    @Override
    public void onHeaders(Metadata headers) {
        course.opened();
    }

    @Override
    public void onMessage(byte[] batch) {
        if (course.ended() == null) {
            checker.v2(batch, 0, batch.length, System.nanoTime());
            call.request(1);
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        course.end("the stream ended with " + status);
    }

    @Override
    public Course course() {
        return course;
    }

    @Override
    public Checker checker() {
        return checker;
    }

    @Override
    public void leave() {
        course.end("it has left");
        channel.shutdownNow();
    }
}
