package io.loggregator.benchmarks.load;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.rpc.RawMethods;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A server that takes what agents send and throws it away: the least that anybody can do with it. What the generator costs
 * against it shows whether a Doppler makes the generator dearer.
 */
public final class Sink {
    private static final int LARGEST_MESSAGE = 16 << 20;

    private Sink() {}

    /** Arguments: its keys. Says {@code grpc bound to: ADDRESS:PORT}, and runs until it is ended. */
    public static void main(String[] arguments) throws IOException, InvalidTlsMaterial, InterruptedException {
        EventLoopGroup loop = Transport.loop();
        io.grpc.Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(Keys.parse(arguments).grpcServer())
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelType(Transport.server())
                .directExecutor()
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .addService(ServerServiceDefinition.builder("loggregator.v2.Ingress")
                        .addMethod(RawMethods.batchSender(), Sink::drain)
                        .build())
                .build()
                .start();
        System.out.println("grpc bound to: 127.0.0.1:" + server.getPort());
        server.awaitTermination();
    }

    private static ServerCall.Listener<byte[]> drain(ServerCall<byte[], byte[]> call, Metadata headers) {
        call.request(1);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] message) {
                call.request(1);
            }
        };
    }
}
