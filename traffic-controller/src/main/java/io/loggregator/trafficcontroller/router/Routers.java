package io.loggregator.trafficcontroller.router;

import io.loggregator.node.grpc.GrpcPeer;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.loggregator.trafficcontroller.upstream.AddressLookup;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connection to every Doppler that is read by gRPC. Names are looked up again and again: an address that appears
 * is connected, one that is gone is given up when its connection breaks. On one event loop, on which its connections
 * live, too.
 */
public final class Routers {
    /** What a Doppler may send in one message; the Go release's limit. */
    static final int LARGEST_MESSAGE = 10 << 20;

    /** What may be on its way in a stream, whether it is read or not. */
    private static final int STREAM_WINDOW = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Routers.class);

    private final Vertx vertx;
    private final Context context;
    private final Options options;
    private final DopplerListener listener;
    private final RouterCounters counters;
    private final Predicate<String> linked;
    private final AddressLookup lookup;
    private final Map<HostPort, RouterConnection> connections = new HashMap<>();
    private Set<HostPort> refused = Set.of();
    /** Where envelopes of this Traffic Controller's own were sent last; null if they were not, or not taken. */
    private RouterSession envelopesTo;

    /**
     * What connections need.
     *
     * @param setting where the addresses come from, for log lines
     * @param addresses as configured; a name may stand for several addresses; may be empty
     * @param tls client side TLS for gRPC that checks the server's name itself, or null for plain text
     * @param serverName the name that Dopplers' certificates bear
     * @param lookupInterval how often names are looked up
     */
    public record Options(
            Setting<?> setting, List<HostPort> addresses, SslContext tls, String serverName, Duration lookupInterval) {}

    /**
     * On an event loop context.
     *
     * @param linked whether there is a link to a Doppler at that address, which is then not connected by gRPC, too
     */
    public Routers(
            Vertx vertx, Options options, DopplerListener listener, RouterCounters counters, Predicate<String> linked) {
        this(vertx, options, listener, counters, linked, AddressLookup.Resolver.SYSTEM);
    }

    /** @param resolver looks names up */
    public Routers(
            Vertx vertx,
            Options options,
            DopplerListener listener,
            RouterCounters counters,
            Predicate<String> linked,
            AddressLookup.Resolver resolver) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.options = options;
        this.listener = listener;
        this.counters = counters;
        this.linked = linked;
        this.lookup = new AddressLookup(
                vertx, options.setting(), options.addresses(), options.lookupInterval(), resolver, this::reconcile);
    }

    /** Looks the names up and starts connecting; from then on by itself. */
    public void start() {
        if (!options.addresses().isEmpty()) {
            lookup.start();
        }
    }

    /** Sessions that are open; their Dopplers may be away for the moment. */
    public List<DopplerSession> sessions() {
        List<DopplerSession> open = new ArrayList<>();
        for (RouterConnection connection : connections.values()) {
            if (connection.session().isOpen()) {
                open.add(connection.session());
            }
        }
        return open;
    }

    /**
     * Sends envelopes of this Traffic Controller's own, batch bytes of less than 1 MiB, to one Doppler: to the same one as
     * long as it takes them. Completes when they are on their way; fails if none of them can have arrived.
     */
    public Future<Void> sendEnvelopes(byte[] batch) {
        if (envelopesTo == null || !envelopesTo.isConnected()) {
            List<RouterSession> connected = connections.values().stream()
                    .map(RouterConnection::session)
                    .filter(RouterSession::isConnected)
                    .toList();
            if (connected.isEmpty()) {
                return Future.failedFuture("no connection to a Doppler");
            }
            envelopesTo = connected.get(ThreadLocalRandom.current().nextInt(connected.size()));
        }
        RouterSession to = envelopesTo;
        return to.envelopes().send(batch).onFailure(refusal -> {
            counters.ownMetricsFailed.add(1);
            if (envelopesTo == to) {
                envelopesTo = null;
            }
        });
    }

    /** Nothing is sent any more; completes when the Doppler has taken what was, or has had the time to. */
    public Future<Void> finishEnvelopes() {
        return Future.join(connections.values().stream()
                        .map(connection -> connection.session().envelopes().finish())
                        .toList())
                .mapEmpty();
    }

    /** Ends all connections, at once. */
    public void stop() {
        lookup.stop();
        List.copyOf(connections.values()).forEach(RouterConnection::stop);
        connections.clear();
    }

    private void reconcile(Set<HostPort> found) {
        Set<HostPort> wanted = new LinkedHashSet<>(found);
        wanted.removeIf(address -> linked.test(address.host()));
        Set<HostPort> doubled = new LinkedHashSet<>(found);
        doubled.removeAll(wanted);
        if (!doubled.equals(refused)) {
            refused = doubled;
            if (!doubled.isEmpty()) {
                LOG.warn(
                        "{}: {} not read by gRPC, since there is a link to the same host (everything would come twice)",
                        options.setting(),
                        doubled);
            }
        }
        for (HostPort address : wanted) {
            RouterConnection known = connections.get(address);
            if (known == null) {
                connect(address);
            } else {
                known.wanted(true);
            }
        }
        for (HostPort address : List.copyOf(connections.keySet())) {
            if (doubled.contains(address)) {
                connections.remove(address).stop();
            } else if (!wanted.contains(address)) {
                connections.get(address).wanted(false);
            }
        }
    }

    private void connect(HostPort address) {
        GrpcPeer peer = new GrpcPeer(address, options.tls(), options.serverName(), LARGEST_MESSAGE);
        Channels channels = new Channels(() -> peer.builder(new Loops(vertx), Loops.of(context))
                .executor(Loops.on(context))
                .flowControlWindow(STREAM_WINDOW)
                .idleTimeout(Long.MAX_VALUE, TimeUnit.DAYS)
                .build());
        RouterConnection connection =
                new RouterConnection(vertx, channels, address, listener, counters, () -> connections.remove(address));
        connections.put(address, connection);
        connection.start();
    }
}
