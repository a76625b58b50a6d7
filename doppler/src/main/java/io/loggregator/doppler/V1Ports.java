package io.loggregator.doppler;

import io.loggregator.doppler.dropsonde.FramedListener;
import io.loggregator.doppler.dropsonde.FramedOptions;
import io.loggregator.doppler.dropsonde.ListenerMetrics;
import io.loggregator.doppler.dropsonde.UdpListener;
import io.loggregator.doppler.dropsonde.UdpOptions;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.PortInUse;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.LiveTls;
import io.loggregator.node.tls.RefusedHandshakes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports for v1 envelopes without gRPC, those that are asked for. */
final class V1Ports {
    private static final Logger LOG = LoggerFactory.getLogger(V1Ports.class);

    private static final Duration LAST_MOMENT = Duration.ofMillis(500);

    private final Settings settings;
    private final Loops loops;
    private final List<DopplerLane> lanes;
    private final ListenerMetrics metrics;
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final List<FramedListener> framed = new ArrayList<>();
    private final List<CompletableFuture<Void>> ending = new ArrayList<>();
    private UdpListener udp;

    private V1Ports(Settings settings, Loops loops, List<DopplerLane> lanes, ListenerMetrics metrics) {
        this.settings = settings;
        this.loops = loops;
        this.lanes = lanes;
        this.metrics = metrics;
    }

    /**
     * Opens them. Blocks.
     *
     * @throws IOException one cannot be bound, and then none is open; the message names the setting that moves it
     */
    static V1Ports start(
            Settings settings,
            Optional<LiveTls> tls,
            Loops loops,
            List<DopplerLane> lanes,
            ListenerMetrics metrics,
            RefusedHandshakes handshakes)
            throws IOException {
        V1Ports started = new V1Ports(settings, loops, lanes, metrics);
        try {
            started.udp();
            started.framed("tcp", DopplerSettings.DOPPLER_TCP_PORT, Optional.empty(), handshakes);
            started.framed("tls", DopplerSettings.DOPPLER_TLS_PORT, tls, handshakes);
        } catch (IOException e) {
            started.endConnections(Duration.ZERO);
            started.stop(Duration.ZERO);
            throw e;
        }
        return started;
    }

    private void udp() throws IOException {
        Optional<Integer> port = settings.find(DopplerSettings.DOPPLER_UDP_PORT);
        if (port.isEmpty()) {
            return;
        }
        UdpOptions options = new UdpOptions(
                address(port.get()),
                settings.find(DopplerSettings.DOPPLER_SHARED_SECRET).orElse(null),
                Math.toIntExact(settings.get(DopplerSettings.DOPPLER_UDP_RECEIVE_BUFFER)),
                DopplerSettings.DOPPLER_SHARED_SECRET.name(),
                DopplerSettings.DOPPLER_UDP_RECEIVE_BUFFER.name());
        try {
            udp = UdpListener.start(options, loops, lanes, metrics);
        } catch (IOException e) {
            throw explained(e, DopplerSettings.DOPPLER_UDP_PORT);
        }
        ports.put("udp", udp.port());
    }

    private void framed(String protocol, Setting<Integer> setting, Optional<LiveTls> tls, RefusedHandshakes handshakes)
            throws IOException {
        Optional<Integer> port = settings.find(setting);
        if (port.isEmpty()) {
            return;
        }
        FramedOptions options = LimitSettings.frames(
                settings,
                protocol,
                address(port.get()),
                tls.isEmpty() ? null : tls.get().context(now -> now.serverContext(true)));
        try {
            FramedListener listener = FramedListener.start(options, loops, lanes, metrics, handshakes);
            framed.add(listener);
            ports.put(protocol, listener.port());
        } catch (IOException e) {
            throw explained(e, setting);
        }
    }

    private InetSocketAddress address(int port) {
        return new InetSocketAddress(settings.get(DopplerSettings.DOPPLER_HOST), port);
    }

    private IOException explained(IOException cause, Setting<Integer> setting) {
        HostPort address = new HostPort(settings.get(DopplerSettings.DOPPLER_HOST), settings.get(setting));
        return new IOException(PortInUse.explain(cause, setting, address), cause);
    }

    /** The bound ports by protocol: {@code udp}, {@code tcp}, {@code tls}. */
    Map<String, Integer> ports() {
        return Collections.unmodifiableMap(ports);
    }

    /** Takes no new connections, and begins to end those that are open, each in a lull within the patience. */
    void endConnections(Duration patience) {
        for (FramedListener listener : framed) {
            ending.add(listener.stop(patience));
        }
    }

    /**
     * Waits for the connections to end, reads the datagrams that wait, and closes the UDP port: last, because nobody tells
     * those who send datagrams to send them elsewhere. Blocks, at most for the limit and a moment.
     */
    void stop(Duration limit) {
        if (udp != null) {
            ending.add(udp.stop(limit));
        }
        try {
            CompletableFuture.allOf(ending.toArray(CompletableFuture<?>[]::new))
                    .get(limit.plus(LAST_MOMENT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("not all ports for v1 envelopes could be closed in time");
        }
    }
}
