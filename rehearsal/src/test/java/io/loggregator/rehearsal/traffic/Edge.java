package io.loggregator.rehearsal.traffic;

import com.google.protobuf.ByteString;
import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Stamp;
import io.loggregator.benchmarks.load.Transport;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.link.LinkFrame;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Batch;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.LogFactory;

/**
 * The least of a Traffic Controller: takes every WebSocket, sends what the test has it send, and keeps what clients say in
 * {@code loggregator.stream.v2}.
 */
final class Edge implements AutoCloseable {
    private final EventLoopGroup group = Transport.loop();
    private final List<Channel> clients = new CopyOnWriteArrayList<>();
    private final List<ToServer> said = new CopyOnWriteArrayList<>();
    private final Credentials credentials;
    private final Channel listener;

    Edge(Credentials credentials) throws Exception {
        this.credentials = credentials;
        SslContext tls = TlsMaterial.load(
                        credentials.of(Credentials.EDGE).certificate(),
                        credentials.of(Credentials.EDGE).key(),
                        credentials.ca())
                .serverContext(false)
                .build();
        listener = new ServerBootstrap()
                .group(group)
                .channel(Transport.server())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        tls.newHandler(channel.alloc()),
                                        new HttpServerCodec(),
                                        new HttpObjectAggregator(8192),
                                        new WebSocketServerProtocolHandler(
                                                "/", StreamMessage.SUBPROTOCOL, false, 8192, false, true),
                                        new Client());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    private final class Client extends SimpleChannelInboundHandler<WebSocketFrame> {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
                clients.add(ctx.channel());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            clients.remove(ctx.channel());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable garbage) {
            ctx.close();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) throws IOException {
            if (frame instanceof BinaryWebSocketFrame) {
                said.add(StreamMessage.toServer(ByteBufUtil.getBytes(frame.content())));
            }
        }
    }

    Endpoint endpoint() throws Exception {
        return new Endpoint(
                ((InetSocketAddress) listener.localAddress()).getPort(),
                TlsMaterial.trusting(credentials.ca())
                        .clientContext(Credentials.EDGE)
                        .build());
    }

    int clients() {
        return clients.size();
    }

    /** What clients have said, all connections one after the other. */
    List<ToServer> said() {
        return said;
    }

    /** Sends a batch of one log of source 0 to all clients, which have to speak {@code loggregator.stream.v2}. */
    void sendBatch(int phase, long number, long mark) {
        PreparedBatch batch = PreparedBatch.of(0);
        batch.stamp(phase, new long[] {number}, System.nanoTime());
        ToClient header = ToClient.newBuilder()
                .setBatch(Batch.newBuilder().setMark(mark).setEnvelopes(1))
                .build();
        sendAll(LinkFrame.encode(header, batch.bytes(), 0, batch.bytes().length));
    }

    private void sendAll(byte[] message) {
        clients.forEach(client -> client.writeAndFlush(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message))));
    }

    /** Sends one v1 log of source 0 to all clients. */
    void send(int phase, long number) {
        byte[] payload = new byte[Stamp.LENGTH];
        Stamp.init(payload, 0, 0);
        Stamp.patch(payload, 0, phase, number, System.nanoTime());
        byte[] envelope = EventFactory.Envelope.newBuilder()
                .setOrigin("test")
                .setEventType(EventFactory.Envelope.EventType.LogMessage)
                .setLogMessage(LogFactory.LogMessage.newBuilder()
                        .setMessage(ByteString.copyFrom(payload))
                        .setMessageType(LogFactory.LogMessage.MessageType.OUT)
                        .setTimestamp(1))
                .build()
                .toByteArray();
        sendAll(envelope);
    }

    /** Throws all clients out. */
    void throwOut() {
        clients.forEach(Channel::close);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
