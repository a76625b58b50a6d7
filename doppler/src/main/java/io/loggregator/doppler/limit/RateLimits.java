package io.loggregator.doppler.limit;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.WorkerTimer;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Problem;
import io.prometheus.metrics.core.metrics.Counter;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits of a Doppler, by what its file says now: it is read again and again, and what has changed holds from the next
 * batch on. A file that became unusable leaves the old limits. Safe for use by any thread.
 */
public final class RateLimits {
    /** Sources, and values of each tag, that have a limit at a time, unless told otherwise. */
    public static final int USUAL_VALUES = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(RateLimits.class);
    private static final Duration FAILURE_PERIOD = Duration.ofMinutes(1);
    private static final Duration WITHOUT_RELOAD = Duration.ofSeconds(10);

    private final String setting;
    private final Path file;
    private final int values;
    private final Counter outcomes;
    private final RateLimitedLog failures = new RateLimitedLog(LOG, FAILURE_PERIOD);
    private final Map<String, LongAdder> refused = new ConcurrentHashMap<>();
    private final LongAdder withoutLimit = new LongAdder();
    private LineLimits read;
    private volatile List<Limiter> limiters;

    private RateLimits(String setting, Path file, int values, LineLimits first, Metrics metrics) {
        this.setting = setting;
        this.file = file;
        this.values = values;
        this.outcomes = metrics.counter(
                "rate_limit_reloads",
                "Changes of the file of rate limits. outcome=ok: they hold now; outcome=failed: it cannot be used and the"
                        + " old limits stay, counted at each look.",
                "outcome");
        metrics.observedCounters(
                "ingress_limited",
                "Log lines left out because of a rate limit, by what was limited: source_id, or the name of a tag.",
                series -> refused.forEach((by, lines) -> series.value(lines.sum(), by)),
                "by");
        metrics.observedCounter(
                "ingress_without_limit",
                "Sources or values of a tag that a rate limit was not applied to, because there were RATE_LIMIT_VALUES others of"
                        + " late; counted by each event loop, and again each minute.",
                withoutLimit::sum);
        use(first);
    }

    /**
     * Reads the file and follows it from now on.
     *
     * @param setting that names the file
     * @param values sources, and values of each tag, that have a limit at a time
     * @param interval how often it is looked at; zero: never again
     * @throws IOException it cannot be used; the message says what is wrong with it
     */
    public static RateLimits follow(
            Vertx vertx, String setting, Path file, int values, Duration interval, Metrics metrics) throws IOException {
        RateLimits limits = read(setting, file, values, metrics);
        boolean reloads = !interval.isZero();
        WorkerTimer.every(vertx, reloads ? interval : WITHOUT_RELOAD, setting + " is looked at", () -> {
            if (reloads) {
                limits.look();
            }
            limits.expire();
        });
        return limits;
    }

    /** As {@link #follow}, but looks when it is told to. */
    static RateLimits read(String setting, Path file, int values, Metrics metrics) throws IOException {
        List<Problem> problems = new ArrayList<>();
        LineLimits limits = LineLimits.read(file, problems);
        if (!problems.isEmpty()) {
            throw new IOException(setting + ": " + file + " cannot be used:\n  " + lines(problems, "\n  "));
        }
        LOG.info("{}: {} limits", setting, limits.each().size());
        return new RateLimits(setting, file, values, limits, metrics);
    }

    /** What is wrong with a file of limits, one line for each thing; empty if it can be used. */
    public static List<String> problems(Path file) {
        List<Problem> problems = new ArrayList<>();
        LineLimits.read(file, problems);
        return problems.stream().map(Problem::toString).toList();
    }

    private static String lines(List<Problem> problems, String between) {
        return problems.stream().map(Problem::toString).collect(Collectors.joining(between));
    }

    /** Looks whether the file has changed. Blocks. */
    void look() {
        List<Problem> problems = new ArrayList<>();
        LineLimits now = LineLimits.read(file, problems);
        if (!problems.isEmpty()) {
            outcomes.labelValues("failed").inc();
            failures.warn("{}: {} cannot be used, the old limits stay: {}", setting, file, lines(problems, "; "));
        } else if (!now.equals(read)) {
            use(now);
            outcomes.labelValues("ok").inc();
            LOG.info("{}: {} has changed, its limits hold now", setting, file);
        }
    }

    private void use(LineLimits now) {
        read = now;
        limiters = now.each().stream()
                .map(limited -> new Limiter(
                        limited, values, refused.computeIfAbsent(limited.by(), first -> new LongAdder()), withoutLimit))
                .toList();
    }

    private void expire() {
        limiters.forEach(limiter -> limiter.expire(second()));
    }

    /** A clock that is the same for all threads and that nobody sets. */
    static int second() {
        return (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
    }

    /** Sources, and values of each tag, that have a limit at a time. */
    int values() {
        return values;
    }

    /** What holds now; another list when it has changed. */
    List<Limiter> limiters() {
        return limiters;
    }
}
