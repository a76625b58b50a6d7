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
import java.net.InetSocketAddress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;

/** One gRPC v2 reader of all logs, {@code loggregator.v2.Egress/BatchedReceiver}, by the bytes of its batches. */
public final class GrpcClient extends ClientCall.Listener<byte[]> implements Client {
    private static final int LARGEST_MESSAGE = 64 << 20;
    /** Messages that may be under way: enough that the connection's window is what bounds them. */
    private static final int AHEAD = 64;

    private final Endpoint endpoint;
    private final String serverName;
    private final EgressBatchRequest request;
    private final int windowBytes;
    private final Checker checker;
    private final Course course = new Course("Egress");
    private ManagedChannel channel;
    private ClientCall<byte[], byte[]> call;

    /**
     * @param serverName what the server must show
     * @param shard that it reads
     * @param preferredTags in which form it wants tags
     * @param windowBytes how much of HTTP/2 may be on its way; 0: as gRPC thinks
     */
    public GrpcClient(
            Endpoint endpoint,
            String serverName,
            String shard,
            boolean preferredTags,
            int windowBytes,
            Checker checker) {
        this.endpoint = endpoint;
        this.serverName = serverName;
        this.request = EgressBatchRequest.newBuilder()
                .setShardId(shard)
                .setUsePreferredTags(preferredTags)
                .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                .build();
        this.windowBytes = windowBytes;
        this.checker = checker;
    }

    @Override
    public void connect(EventLoop loop) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(endpoint.host(), endpoint.port()))
                .sslContext(endpoint.tls())
                .overrideAuthority(serverName)
                .eventLoopGroup(loop)
                .channelType(Transport.client())
                .directExecutor()
                .maxInboundMessageSize(LARGEST_MESSAGE);
        if (!endpoint.isHere()) {
            Transport.noticeSilence(builder);
        }
        if (windowBytes > 0) {
            builder.flowControlWindow(windowBytes);
        }
        channel = builder.build();
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
        // It would keep a connection for a call that does not come.
        channel.shutdownNow();
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
