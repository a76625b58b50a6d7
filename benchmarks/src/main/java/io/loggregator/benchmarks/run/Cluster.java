package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.Keys;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.reader.Clients;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLException;

/** A Doppler and a Traffic Controller, each a process, with TLS everywhere. */
public final class Cluster implements AutoCloseable {
    /** So that all envelopes there are come from the generator, and sums are exact. */
    public static final Map<String, String> NO_OWN_METRICS = Map.of(
            "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0",
            "TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "0s",
            "RLP_METRIC_EMITTER_INTERVAL", "0s");

    private final Credentials credentials;
    private final long startNanos;
    private final Server doppler;
    private final Server trafficController;

    /**
     * Starts both, at the same time.
     *
     * @param directory for what the servers say
     * @param eventLoops of each; 0: their default
     * @param more settings of both
     */
    public Cluster(Path launcher, Credentials credentials, Path directory, int eventLoops, Map<String, String> more)
            throws IOException {
        this.credentials = credentials;
        String link = Credentials.HOST + ":" + freePort();
        String router = Credentials.HOST + ":" + freePort();
        Map<String, String> settings = new HashMap<>();
        settings.put("ROUTER_PORT", router.substring(router.indexOf(':') + 1));
        settings.put("DOPPLER_LINK_PORT", link.substring(link.indexOf(':') + 1));
        settings.put("DOPPLER_HEALTH_PORT", "0");
        settings.put("DOPPLER_HOST", Credentials.HOST);
        // An agent's connection is ended at some age; a generator that knows nothing of that would call it a failure.
        settings.put("INGRESS_MAX_AGE", "0s");
        common(settings, credentials.of(Credentials.DOPPLER), eventLoops, more);
        Map<String, String> edgeSettings = new HashMap<>();
        Keys edge = credentials.of(Credentials.EDGE);
        edgeSettings.put("DOPPLER_LINK_ADDRS", link);
        // The subscriptions of one scenario are not to be waited for while the next is measured.
        edgeSettings.put("FIREHOSE_GRACE", "2s");
        edgeSettings.put("BENCHMARK_ROUTER_ADDRS", router);
        edgeSettings.put("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0");
        edgeSettings.put("GATEWAY_ADDR", Credentials.HOST + ":0");
        edgeSettings.put("RLP_PORT", "0");
        edgeSettings.put("TRAFFIC_CONTROLLER_HEALTH_PORT", "0");
        edgeSettings.put("TRAFFIC_CONTROLLER_HOST", Credentials.HOST);
        edgeSettings.put(
                "TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE", edge.certificate().toString());
        edgeSettings.put("TRAFFIC_CONTROLLER_OUTGOING_KEY_FILE", edge.key().toString());
        edgeSettings.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true");
        common(edgeSettings, credentials.of(Credentials.TRAFFIC_CONTROLLER), eventLoops, more);

        startNanos = System.nanoTime();
        doppler = new Server(launcher, "doppler", settings, directory.resolve("doppler.log"));
        try {
            trafficController = new Server(
                    launcher, "traffic-controller", edgeSettings, directory.resolve("traffic-controller.log"));
        } catch (IOException e) {
            doppler.close();
            throw e;
        }
    }

    /** The ports between the two have to be known to both before either runs. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void common(Map<String, String> settings, Keys own, int eventLoops, Map<String, String> more) {
        settings.put("ROUTER_CERT_FILE", own.certificate().toString());
        settings.put("ROUTER_KEY_FILE", own.key().toString());
        settings.put("ROUTER_CA_FILE", own.ca().toString());
        settings.put("STOP_TIMEOUT", "2s");
        if (eventLoops > 0) {
            settings.put("EVENT_LOOPS", Integer.toString(eventLoops));
        }
        settings.putAll(more);
    }

    /** {@link System#nanoTime()} of when both were started. */
    long startNanos() {
        return startNanos;
    }

    Server doppler() {
        return doppler;
    }

    Server trafficController() {
        return trafficController;
    }

    /** Where agents connect, as soon as that is so. */
    public int ingressPort() throws IOException, InterruptedException {
        return doppler.port("grpc");
    }

    /** Where clients connect. */
    Clients.Endpoints endpoints() throws InvalidTlsMaterial, SSLException {
        SslContext edge = TlsMaterial.trusting(credentials.ca())
                .clientContext(Credentials.EDGE)
                .build();
        SslContext reader = credentials.of(Credentials.READER).grpcClient(Credentials.TRAFFIC_CONTROLLER);
        return new Clients.Endpoints() {
            @Override
            public Endpoint v1() throws IOException, InterruptedException {
                return new Endpoint(trafficController.port("ws"), edge);
            }

            @Override
            public Endpoint rlp() throws IOException, InterruptedException {
                return new Endpoint(trafficController.port("grpc"), reader);
            }

            @Override
            public String rlpName() {
                return Credentials.TRAFFIC_CONTROLLER;
            }

            @Override
            public Endpoint gateway() throws IOException, InterruptedException {
                return new Endpoint(trafficController.port("http"), edge);
            }
        };
    }

    /** Where v1 clients connect, as soon as that is so. */
    public int loggregatorPort() throws IOException, InterruptedException {
        return trafficController.port("ws");
    }

    @Override
    public void close() {
        trafficController.close();
        doppler.close();
    }
}
