package io.loggregator.trafficcontroller.link;

import io.loggregator.link.v1.Hello;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.loggregator.trafficcontroller.upstream.AddressLookup;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a link to every Doppler. Names are looked up again and again: an address that appears is dialled, one that is
 * gone is no longer redialled, but a link that lives stays until it breaks. On one event loop.
 */
public final class Dopplers {
    /** Runs remembered to have ended: one that ends is seen for moments only. */
    private static final int RUNS = 256;

    private final Vertx vertx;
    private final Options options;
    /** With a name for the tails of this event loop, so that they outlive a link. */
    private final Hello hello;

    private final DopplerListener listener;
    private final AddressLookup lookup;
    private final WebSocketClient client;
    private final Map<HostPort, Dialler> diallers = new HashMap<>();
    /** Where envelopes of this Traffic Controller's own were sent last; null before the first. */
    private LinkSession envelopesTo;
    /** The runs of Dopplers that ended with a goodbye. */
    private final Set<String> gone = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > RUNS;
        }
    });

    /**
     * What links need.
     *
     * @param setting where the addresses come from, for log lines
     * @param addresses as configured; a name may stand for several addresses; may be empty
     * @param client TLS
     * @param hello what each link starts with
     * @param lookupInterval how often names are looked up
     */
    public record Options(
            Setting<?> setting,
            List<HostPort> addresses,
            WebSocketClientOptions client,
            Hello hello,
            Duration pingInterval,
            Duration lookupInterval) {}

    public Dopplers(Vertx vertx, Options options, DopplerListener listener) {
        this(vertx, options, listener, AddressLookup.Resolver.SYSTEM);
    }

    Dopplers(Vertx vertx, Options options, DopplerListener listener, AddressLookup.Resolver resolver) {
        this.vertx = vertx;
        this.options = options;
        this.hello = options.hello().toBuilder()
                .setTails(UUID.randomUUID().toString())
                .setTakesLags(true)
                .setTakesMoved(true)
                .build();
        this.listener = listener;
        this.lookup = new AddressLookup(
                vertx, options.setting(), options.addresses(), options.lookupInterval(), resolver, this::reconcile);
        this.client = vertx.createWebSocketClient(options.client());
    }

    /** Looks the names up and starts dialling; from then on by itself. */
    public void start() {
        if (!options.addresses().isEmpty()) {
            lookup.start();
        }
    }

    /** Sessions that are open. */
    public List<DopplerSession> sessions() {
        return new ArrayList<>(links());
    }

    private List<LinkSession> links() {
        return diallers.values().stream()
                .map(Dialler::session)
                .filter(session -> session != null && session.isOpen())
                .toList();
    }

    /** Whether there is a link to a Doppler that takes envelopes of this Traffic Controller's own. */
    public boolean takeEnvelopes() {
        return !taking().isEmpty();
    }

    private List<LinkSession> taking() {
        return links().stream().filter(LinkSession::takesEnvelopes).toList();
    }

    /**
     * Sends envelopes of this Traffic Controller's own, batch bytes of less than 1 MiB, to one Doppler: to the same one as
     * long as it takes them. Completes when they are written to its link; fails if none of them can have arrived.
     */
    public Future<Void> sendEnvelopes(byte[] batch) {
        if (envelopesTo == null || !envelopesTo.takesEnvelopes()) {
            List<LinkSession> taking = taking();
            if (taking.isEmpty()) {
                return Future.failedFuture("no link to a Doppler that takes envelopes");
            }
            envelopesTo = taking.get(ThreadLocalRandom.current().nextInt(taking.size()));
        }
        return envelopesTo.envelopes(batch);
    }

    /**
     * Dials every Doppler that there is no link to, without the pause that it is in; completes when all have answered or
     * failed, or when the limit has passed.
     */
    public Future<Void> dialNow(Duration limit) {
        List<Future<Void>> attempts =
                diallers.values().stream().map(Dialler::dialNow).toList();
        Future<Void> late = vertx.timer(limit.toMillis(), TimeUnit.MILLISECONDS).mapEmpty();
        return Future.any(Future.join(attempts), late).mapEmpty();
    }

    /** How many Dopplers are known, linked or not. */
    public int known() {
        return diallers.size();
    }

    /** Whether there is, or may soon be, a link to that address. */
    public boolean knows(String address) {
        return diallers.keySet().stream().anyMatch(known -> known.host().equals(address));
    }

    /** Ends all links. */
    public Future<Void> stop() {
        lookup.stop();
        List<Future<Void>> ends = diallers.values().stream().map(Dialler::stop).toList();
        diallers.clear();
        return Future.join(ends).eventually(client::close).mapEmpty();
    }

    private void reconcile(Set<HostPort> wanted) {
        for (HostPort address : wanted) {
            diallers.computeIfAbsent(address, added -> {
                        Dialler dialler = new Dialler(
                                vertx,
                                client,
                                added,
                                hello,
                                options.pingInterval(),
                                listener,
                                this::reasonAgainst,
                                gone::add);
                        dialler.start();
                        return dialler;
                    })
                    .wanted(true);
        }
        diallers.entrySet().removeIf(entry -> {
            if (wanted.contains(entry.getKey())) {
                return false;
            }
            entry.getValue().wanted(false);
            return entry.getValue().session() == null;
        });
    }

    /** Two addresses of one Doppler must not double everything, and who said goodbye means it. */
    private String reasonAgainst(LinkSession session) {
        if (gone.contains(session.epoch())) {
            return "it stops";
        }
        for (DopplerSession other : sessions()) {
            if (other != session && other.epoch().equals(session.epoch())) {
                return "it is the Doppler that " + other.address() + " is, too";
            }
        }
        return null;
    }
}
