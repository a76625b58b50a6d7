package io.loggregator.node.tls;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.WorkerTimer;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.prometheus.metrics.core.metrics.Counter;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the certificates of a server: reads their files again and again, takes what has changed, keeps the old
 * where the new is no good, and warns before they expire. Contents are compared, so that it does not matter how a file
 * is replaced: rewritten, renamed over, or behind a symbolic link that turns elsewhere. Safe for use by any thread.
 */
public final class TlsWatch {
    private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);
    private static final Duration WITHOUT_RELOAD = Duration.ofHours(1);
    private static final Duration FAILURE_PERIOD = Duration.ofMinutes(1);
    private static final Duration EXPIRY_PERIOD = Duration.ofDays(1);
    private static final Duration EXPIRY_SOON = Duration.ofDays(30);
    private static final Duration EXPIRY_NEAR = Duration.ofDays(7);

    private final Clock clock;
    private final boolean reloads;
    private final Consumer<TlsWatch> onFirst;
    private final Counter outcomes;
    private final List<WatchedTls> watched = new CopyOnWriteArrayList<>();
    private final Map<String, RateLimitedLog> failures = new ConcurrentHashMap<>();
    private final Map<String, RateLimitedLog> expiries = new ConcurrentHashMap<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final AtomicBoolean looking = new AtomicBoolean();

    /**
     * Looks from the first files on that it is to follow, on a worker thread of Vert.x, until that closes.
     *
     * @param interval how often; zero: only expiry is looked at, never the files
     */
    public TlsWatch(Vertx vertx, Duration interval, Metrics metrics) {
        this(metrics, Clock.systemUTC(), !interval.isZero(), watch -> watch.startLooking(vertx, interval));
    }

    /** Looks when it is told to. */
    TlsWatch(Metrics metrics, Clock clock, boolean reloads) {
        this(metrics, clock, reloads, watch -> {});
    }

    private TlsWatch(Metrics metrics, Clock clock, boolean reloads, Consumer<TlsWatch> onFirst) {
        this.clock = clock;
        this.reloads = reloads;
        this.onFirst = onFirst;
        outcomes = metrics.counter(
                "tls_reloads",
                "Certificate, key or CA files that changed, by the setting that names the certificate. outcome=ok: new"
                        + " connections use them; outcome=failed: they cannot be used and the old ones stay, counted at"
                        + " each look.",
                "setting",
                "outcome");
        metrics.observedGauges(
                "tls_certificate_days_left",
                "Whole days until the first certificate in a file expires, by the setting that names the file; negative"
                        + " when it has expired.",
                series -> daysLeft().forEach((setting, days) -> series.value(days, setting)),
                "setting");
    }

    private void startLooking(Vertx vertx, Duration interval) {
        WorkerTimer.every(vertx, reloads ? interval : WITHOUT_RELOAD, "certificate files are looked at", this::look);
    }

    /**
     * Reads certificate, key and CA from the files that these settings name, and follows them from now on.
     *
     * @param caOrNull null when peers are not checked
     * @return empty when the first setting is not given
     * @throws InvalidTlsMaterial a file cannot be used
     */
    public Optional<LiveTls> follow(
            Settings settings, Setting<Path> certificate, Setting<Path> key, Setting<Path> caOrNull)
            throws InvalidTlsMaterial {
        return follow(TlsFiles.certified(settings, certificate, key, caOrNull));
    }

    /** As {@link #follow}, for a client that shows no certificate of its own but checks servers. */
    public Optional<LiveTls> followAuthorities(Settings settings, Setting<Path> ca) throws InvalidTlsMaterial {
        return follow(TlsFiles.trusting(settings, ca));
    }

    private Optional<LiveTls> follow(Optional<TlsFiles> files) throws InvalidTlsMaterial {
        if (files.isEmpty()) {
            return Optional.empty();
        }
        WatchedTls one = new WatchedTls(files.get(), clock);
        if (begun.compareAndSet(false, true)) {
            LOG.info("TLS runs on {}", TlsProvider.describe());
            onFirst.accept(this);
        }
        watched.add(one);
        warnOfExpiry(one);
        return Optional.of(new LiveTls(one, List.of()));
    }

    /** Looks at all files once, unless a look is under way. Blocks; not to be called on an event loop. */
    public void look() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        try {
            for (WatchedTls one : watched) {
                if (reloads) {
                    reload(one);
                }
                warnOfExpiry(one);
            }
        } finally {
            looking.set(false);
        }
    }

    private void reload(WatchedTls one) {
        String setting = one.files().setting();
        try {
            if (one.look()) {
                outcomes.labelValues(setting, "ok").inc();
                LOG.info(
                        "{}: its files changed, new connections use them{}",
                        setting,
                        one.material()
                                .notAfter()
                                .map(at -> "; valid until " + at)
                                .orElse(""));
            }
        } catch (InvalidTlsMaterial e) {
            outcomes.labelValues(setting, "failed").inc();
            failures.computeIfAbsent(setting, s -> new RateLimitedLog(LOG, FAILURE_PERIOD))
                    .warn(
                            "{}: its files changed but cannot be used, the old ones stay: {}",
                            one.files().settingOf(e.file()),
                            e.getMessage());
        } catch (RuntimeException e) {
            outcomes.labelValues(setting, "failed").inc();
            failures.computeIfAbsent(setting, s -> new RateLimitedLog(LOG, FAILURE_PERIOD))
                    .warn("{}: its files cannot be looked at, the old ones stay", setting, e);
        }
    }

    private void warnOfExpiry(WatchedTls one) {
        one.files().expiries(one.material()).forEach((setting, at) -> {
            Duration left = Duration.between(clock.instant(), at);
            if (left.compareTo(EXPIRY_SOON) < 0) {
                // Of its own, so that the week before the end begins with a line.
                String kind = setting + (left.compareTo(EXPIRY_NEAR) < 0 ? " near" : " soon");
                expiries.computeIfAbsent(kind, k -> new RateLimitedLog(LOG, EXPIRY_PERIOD))
                        .warn(
                                "{}: a certificate in it {} at {}",
                                setting,
                                left.isNegative()
                                        ? "has EXPIRED"
                                        : left.toDays() == 0
                                                ? "expires in less than a day,"
                                                : "expires in " + left.toDays() + " days,",
                                at);
            }
        });
    }

    private Map<String, Long> daysLeft() {
        Map<String, Long> days = new LinkedHashMap<>();
        Instant now = clock.instant();
        for (WatchedTls one : watched) {
            one.files()
                    .expiries(one.material())
                    .forEach((setting, at) -> days.put(
                            setting,
                            Math.floorDiv(
                                    Duration.between(now, at).toSeconds(),
                                    Duration.ofDays(1).toSeconds())));
        }
        return days;
    }
}
