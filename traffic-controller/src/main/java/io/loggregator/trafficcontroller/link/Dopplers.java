package io.loggregator.trafficcontroller.link;

import io.loggregator.link.v1.Hello;
import io.loggregator.node.settings.HostPort;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a link to every Doppler. Names are looked up again and again: an address that appears is dialled, one that is
 * gone is no longer redialled, but a link that lives stays until it breaks. On one event loop.
 */
public final class Dopplers {
    private static final Logger LOG = LoggerFactory.getLogger(Dopplers.class);

    /** Runs remembered to have ended: one that ends is seen for moments only. */
    private static final int RUNS = 256;

    private final Vertx vertx;
    private final Options options;
    private final LinkListener listener;
    private final Lookup lookup;
    private final WebSocketClient client;
    private final Map<HostPort, Dialler> diallers = new HashMap<>();
    private final Map<HostPort, List<HostPort>> lastAnswers = new HashMap<>();
    /** The runs of Dopplers that ended with a goodbye. */
    private final Set<String> gone = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > RUNS;
        }
    });

    private boolean stopped;
    private long timer;

    /**
     * What links need.
     *
     * @param addresses as configured; a name may stand for several addresses
     * @param client TLS
     * @param hello what each link starts with
     * @param lookupInterval how often names are looked up
     */
    public record Options(
            List<HostPort> addresses,
            WebSocketClientOptions client,
            Hello hello,
            Duration pingInterval,
            Duration lookupInterval) {}

    /** Finds the addresses of a name; may block. */
    interface Lookup {
        InetAddress[] find(String host) throws IOException;
    }

    public Dopplers(Vertx vertx, Options options, LinkListener listener) {
        this(vertx, options, listener, InetAddress::getAllByName);
    }

    Dopplers(Vertx vertx, Options options, LinkListener listener, Lookup lookup) {
        this.vertx = vertx;
        this.options = options;
        this.listener = listener;
        this.lookup = lookup;
        this.client = vertx.createWebSocketClient(options.client());
    }

    /** Looks the names up and starts dialling; from then on by itself. */
    public void start() {
        lookUp();
    }

    /** Sessions that are open. */
    public List<LinkSession> sessions() {
        List<LinkSession> open = new ArrayList<>();
        for (Dialler dialler : diallers.values()) {
            LinkSession session = dialler.session();
            if (session != null && session.isOpen()) {
                open.add(session);
            }
        }
        return open;
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

    /** Ends all links. */
    public Future<Void> stop() {
        stopped = true;
        vertx.cancelTimer(timer);
        List<Future<Void>> ends = diallers.values().stream().map(Dialler::stop).toList();
        diallers.clear();
        return Future.join(ends).eventually(client::close).mapEmpty();
    }

    private void lookUp() {
        List<Future<List<HostPort>>> lookups = new ArrayList<>();
        for (HostPort address : options.addresses()) {
            lookups.add(vertx.<List<HostPort>>executeBlocking(() -> addressesOf(address), false)
                    .map(found -> {
                        lastAnswers.put(address, found);
                        return found;
                    })
                    .recover(error -> {
                        LOG.warn("DOPPLER_LINK_ADDRS: cannot look up {}: {}", address.host(), error.getMessage());
                        return Future.succeededFuture(lastAnswers.getOrDefault(address, List.of()));
                    }));
        }
        Future.join(lookups).onComplete(done -> {
            if (!stopped) {
                Set<HostPort> found = new LinkedHashSet<>();
                lookups.forEach(lookup -> found.addAll(lookup.result()));
                reconcile(found);
                timer = vertx.setTimer(options.lookupInterval().toMillis(), again -> lookUp());
            }
        });
    }

    private List<HostPort> addressesOf(HostPort address) throws IOException {
        List<HostPort> found = new ArrayList<>();
        for (InetAddress resolved : lookup.find(address.host())) {
            found.add(new HostPort(resolved.getHostAddress(), address.port()));
        }
        return found;
    }

    private void reconcile(Set<HostPort> wanted) {
        for (HostPort address : wanted) {
            diallers.computeIfAbsent(address, added -> {
                        Dialler dialler = new Dialler(
                                vertx,
                                client,
                                added,
                                options.hello(),
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
        for (LinkSession other : sessions()) {
            if (other != session && other.epoch().equals(session.epoch())) {
                return "it is the Doppler that " + other.address() + " is, too";
            }
        }
        return null;
    }
}
