package io.loggregator.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contexts that gRPC is given, over real sockets. */
class NettyContextTest {
    private static EventLoopGroup loop;

    @TempDir
    static Path dir;

    private static CertificateAuthority authority;
    private static Path ca;
    private static TlsMaterial agent;

    private final BlockingQueue<SslHandler> accepted = new LinkedBlockingQueue<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        authority = CertificateAuthority.create("our CA");
        ca = authority.writeTo(dir, "ca").certificate();
        agent = material(authority, "agent", KeyKind.EC_P256);
    }

    @AfterAll
    static void close() throws Exception {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).await();
    }

    @ParameterizedTest
    @EnumSource(KeyKind.class)
    void bothSidesAgreeAndSpeakHttp2(KeyKind kind) throws Exception {
        int port = serve(material(authority, "doppler", kind).serverContext(true, "h2"));
        SslHandler client = connect(agent.clientContext("doppler", "h2"), port);
        assertThat(client.handshakeFuture().get(10, TimeUnit.SECONDS).isActive())
                .isTrue();
        assertThat(client.applicationProtocol()).isEqualTo("h2");
        SslHandler server = served();
        assertThat(server.handshakeFuture().get(10, TimeUnit.SECONDS).isActive())
                .isTrue();
        assertThat(server.applicationProtocol()).isEqualTo("h2");
        assertThat(server.engine().getSession().getProtocol()).isEqualTo("TLSv1.3");
    }

    @Test
    void theClientRefusesAnotherName() throws Exception {
        int port = serve(material(authority, "metron", KeyKind.EC_P256).serverContext(true, "h2"));
        SslHandler client = connect(agent.clientContext("doppler", "h2"), port);
        assertThatThrownBy(() -> client.handshakeFuture().get(10, TimeUnit.SECONDS))
                .hasStackTraceContaining("the server's certificate is not for doppler");
    }

    @Test
    void theServerRefusesAClientWithoutOrWithAForeignCertificate() throws Exception {
        int port = serve(material(authority, "doppler", KeyKind.EC_P256).serverContext(true, "h2"));
        // An authority of the same name, so that the client takes its certificate for wanted and shows it.
        TlsMaterial stranger = material(CertificateAuthority.create("our CA"), "agent", KeyKind.EC_P256);
        for (TlsMaterial bad : List.of(TlsMaterial.trusting(ca), stranger)) {
            connect(bad.clientContext("doppler", "h2"), port);
            SslHandler server = served();
            // In TLS 1.3 only the server's side of the handshake can tell.
            assertThatThrownBy(() -> server.handshakeFuture().get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(SSLException.class)
                    .hasStackTraceContaining(bad == stranger ? "PKIX path" : "PEER_DID_NOT_RETURN_A_CERTIFICATE");
        }
    }

    private SslHandler served() throws InterruptedException {
        SslHandler handler = accepted.poll(10, TimeUnit.SECONDS);
        assertThat(handler).isNotNull();
        return handler;
    }

    private static TlsMaterial material(CertificateAuthority signer, String name, KeyKind kind) throws Exception {
        PemFiles files = signer.issue(name, List.of(name), List.of(), kind, Duration.ofDays(1))
                .writeTo(dir, "node");
        return TlsMaterial.load(files.certificate(), files.key(), ca);
    }

    private int serve(SslContextBuilder builder) throws Exception {
        SslContext context = builder.build();
        Channel channel = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(handshakes(context, accepted))
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        channel.closeFuture().addListener(closed -> ReferenceCountUtil.release(context));
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    private static SslHandler connect(SslContextBuilder builder, int port) throws Exception {
        SslContext context = builder.build();
        BlockingQueue<SslHandler> connected = new LinkedBlockingQueue<>();
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .handler(handshakes(context, connected))
                .connect(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
        channel.closeFuture().addListener(closed -> ReferenceCountUtil.release(context));
        return connected.take();
    }

    private static ChannelHandler handshakes(SslContext context, BlockingQueue<SslHandler> handlers) {
        return new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                SslHandler handler = context.newHandler(channel.alloc());
                channel.pipeline().addLast(handler, new ChannelInboundHandlerAdapter() {
                    @Override
                    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
                        context.close().addListener(closed -> {}); // the handshake's future tells why
                    }
                });
                handlers.add(handler);
            }
        };
    }
}
