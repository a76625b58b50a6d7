package io.loggregator.benchmarks.run;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.PemFiles;
import io.loggregator.node.tls.TlsMaterial;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Doppler and a Traffic Controller, each a process, with TLS everywhere under an authority made for them. */
public final class Cluster implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final String DOPPLER = "doppler";
    private static final String EDGE = "localhost";
    private static final Duration VALIDITY = Duration.ofDays(1);

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server doppler;
    private final Server trafficController;
    private final Path authorityFile;
    private final PemFiles edge;
    private final SslContext agentTls;
    private final SslContext clientTls;

    /**
     * Starts both and waits until they are reachable.
     *
     * @param directory for certificates, keys and what the servers say
     * @param eventLoops of each; 0: their default
     * @param more settings of both
     */
    public Cluster(Path launcher, Path directory, int eventLoops, Map<String, String> more)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        CertificateAuthority authority = CertificateAuthority.create("benchmark CA");
        Path ca = authority.writeTo(directory, "ca").certificate();
        authorityFile = ca;
        PemFiles agent = issue(authority, directory, "agent");
        agentTls = TlsMaterial.load(agent.certificate(), agent.key(), ca)
                .clientContext(DOPPLER, "h2")
                .build();
        clientTls = TlsMaterial.trusting(ca).clientContext(EDGE).build();

        Map<String, String> settings = new HashMap<>();
        settings.put("ROUTER_PORT", "0");
        settings.put("DOPPLER_LINK_PORT", "0");
        settings.put("DOPPLER_HEALTH_PORT", "0");
        settings.put("DOPPLER_HOST", HOST);
        common(settings, issue(authority, directory, DOPPLER), ca, eventLoops);
        settings.putAll(more);
        doppler = new Server(launcher, "doppler", settings, directory.resolve("doppler.log"));

        edge = issue(authority, directory, EDGE);
        settings.clear();
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0");
        settings.put("GATEWAY_ADDR", HOST + ":0");
        settings.put("RLP_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_HEALTH_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_HOST", HOST);
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE", edge.certificate().toString());
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_KEY_FILE", edge.key().toString());
        settings.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true");
        common(settings, issue(authority, directory, "trafficcontroller"), ca, eventLoops);
        settings.putAll(more);
        try {
            settings.put("DOPPLER_LINK_ADDRS", HOST + ":" + doppler.port("link"));
            doppler.port("pprof");
            trafficController =
                    new Server(launcher, "traffic-controller", settings, directory.resolve("traffic-controller.log"));
        } catch (IOException e) {
            doppler.close();
            throw e;
        }
        try {
            trafficController.port("ws");
            trafficController.port("pprof");
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static PemFiles issue(CertificateAuthority authority, Path directory, String name) throws IOException {
        return authority
                .issue(name, List.of(name), List.of(HOST), KeyKind.RSA_2048, VALIDITY)
                .writeTo(directory, name);
    }

    private static void common(Map<String, String> settings, PemFiles own, Path ca, int eventLoops) {
        settings.put("ROUTER_CERT_FILE", own.certificate().toString());
        settings.put("ROUTER_KEY_FILE", own.key().toString());
        settings.put("ROUTER_CA_FILE", ca.toString());
        settings.put("STOP_TIMEOUT", "2s");
        if (eventLoops > 0) {
            settings.put("EVENT_LOOPS", Integer.toString(eventLoops));
        }
    }

    Server doppler() {
        return doppler;
    }

    Server trafficController() {
        return trafficController;
    }

    /** A new connection to the Doppler's ingress. */
    public ManagedChannel ingress() {
        try {
            return NettyChannelBuilder.forAddress(address(doppler.port("grpc")))
                    .sslContext(agentTls)
                    .overrideAuthority(DOPPLER)
                    .eventLoopGroup(group)
                    .channelType(NioSocketChannel.class)
                    .directExecutor()
                    .build();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("the Doppler has told its port already", e);
        }
    }

    /** Where clients connect. */
    public InetSocketAddress loggregatorPort() throws IOException, InterruptedException {
        return address(trafficController.port("ws"));
    }

    /** Who signed what the servers show. */
    public Path authorityFile() {
        return authorityFile;
    }

    /** What the Traffic Controller shows to clients. */
    public PemFiles edge() {
        return edge;
    }

    /** How clients connect. */
    SslContext clientTls() {
        return clientTls;
    }

    private static InetSocketAddress address(int port) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
    }

    @Override
    public void close() {
        if (trafficController != null) {
            trafficController.close();
        }
        doppler.close();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
