package io.loggregator.trafficcontroller.upstream;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks names of Dopplers up again and again; each may stand for several addresses. A name that cannot be looked up
 * stands for what it stood for the last time. On one event loop.
 */
public final class AddressLookup {
    private static final Logger LOG = LoggerFactory.getLogger(AddressLookup.class);
    /** A name that cannot be looked up is looked up every few seconds, or more often. */
    private static final Duration LOG_PERIOD = Duration.ofSeconds(30);

    /** For all look-ups of the process, which may wait long for an answer: nobody else waits with them. */
    private static final String THREADS = "name-lookups";

    private static final int MOST_THREADS = 4;

    private final Vertx vertx;
    private final Setting<?> setting;
    private final List<HostPort> names;
    private final Duration interval;
    private final Resolver resolver;
    private final Consumer<Set<HostPort>> found;
    private final WorkerExecutor threads;
    private final Map<HostPort, List<HostPort>> lastAnswers = new HashMap<>();
    private final Map<HostPort, RateLimitedLog> failures = new HashMap<>();
    private boolean stopped;
    private long timer;

    /** Finds the addresses of a name; may block. */
    public interface Resolver {
        /** The machine's own way. */
        Resolver SYSTEM = InetAddress::getAllByName;

        InetAddress[] find(String host) throws IOException;
    }

    /**
     * @param setting where the names come from, for log lines
     * @param found told all addresses after each look-up
     */
    public AddressLookup(
            Vertx vertx,
            Setting<?> setting,
            List<HostPort> names,
            Duration interval,
            Resolver resolver,
            Consumer<Set<HostPort>> found) {
        this.vertx = vertx;
        this.setting = setting;
        this.names = names;
        this.interval = interval;
        this.resolver = resolver;
        this.found = found;
        this.threads = vertx.createSharedWorkerExecutor(THREADS, MOST_THREADS);
    }

    /** Looks up now, and from then on by itself. */
    public void start() {
        List<Future<List<HostPort>>> lookups = new ArrayList<>();
        for (HostPort name : names) {
            lookups.add(threads.<List<HostPort>>executeBlocking(() -> addressesOf(name), false)
                    .map(addresses -> {
                        lastAnswers.put(name, addresses);
                        return addresses;
                    })
                    .recover(error -> {
                        failures.computeIfAbsent(name, first -> new RateLimitedLog(LOG, LOG_PERIOD))
                                .warn("{}: cannot look up {}: {}", setting, name.host(), error.getMessage());
                        return Future.succeededFuture(lastAnswers.getOrDefault(name, List.of()));
                    }));
        }
        Future.join(lookups).onComplete(done -> {
            if (!stopped) {
                Set<HostPort> all = new LinkedHashSet<>();
                lookups.forEach(lookup -> all.addAll(lookup.result()));
                found.accept(all);
                timer = vertx.setTimer(interval.toMillis(), again -> start());
            }
        });
    }

    /** Nothing is told any more. */
    public void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
        threads.close();
    }

    private List<HostPort> addressesOf(HostPort name) throws IOException {
        List<HostPort> addresses = new ArrayList<>();
        for (InetAddress resolved : resolver.find(name.host())) {
            addresses.add(new HostPort(resolved.getHostAddress(), name.port()));
        }
        return addresses;
    }
}
