package io.loggregator.cli.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;

/**
 * The traffic of a small Cloud Foundry, in step with a clock that its caller drives. Most of it are requests: the app's
 * line, the router's access line and the router's timer; besides, an exception with its stack trace now and then, the
 * containers' metrics every 15 seconds, and counters of the router every 5. The same seed and the same times give the same envelopes.
 * Used by one thread.
 */
public final class TrafficSource {
    static final long CONTAINER_METRICS_NANOS = TimeUnit.SECONDS.toNanos(15);
    static final long COUNTER_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** What is missed when the caller stays away for longer is not made up for. */
    private static final long MAX_ARREARS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int MAX_BATCH_ENVELOPES = 100;
    private static final int EXCEPTION_IN = 60;
    private static final int SLOW_IN = 25;

    private final double perSecond;
    private final Random random;
    private final SampleEnvelopes envelopes;
    private final List<SampleApp> byShare = new ArrayList<>();
    private final List<Envelope> batch = new ArrayList<>(MAX_BATCH_ENVELOPES);

    private boolean started;
    private long lastNanos;
    private long containerMetricsDue;
    private long countersDue;
    /** Envelopes that the time passed so far calls for, less those made. Below 0 after an event of several. */
    private double owed;

    /** {@code perSecond}: envelopes per second, metrics apart; 0 for metrics only. */
    public TrafficSource(long seed, double perSecond) {
        if (!(perSecond >= 0 && perSecond <= 1_000_000)) {
            throw new IllegalArgumentException("rate must be from 0 to 1,000,000 per second, not " + perSecond);
        }
        this.perSecond = perSecond;
        this.random = new Random(seed);
        this.envelopes = new SampleEnvelopes(random);
        for (SampleApp app : SampleApp.all()) {
            for (int i = 0; i < app.share(); i++) {
                byShare.add(app);
            }
        }
    }

    /**
     * Makes what is due up to {@code nowNanos} (since the Unix epoch; never less than the time before) and hands it on
     * in batches of at most 100. The first call only starts the clock, and makes the first metrics.
     */
    public void advanceTo(long nowNanos, Consumer<List<Envelope>> sink) {
        if (!started) {
            started = true;
            lastNanos = nowNanos;
            containerMetricsDue = nowNanos;
            countersDue = nowNanos;
        }
        owed += perSecond * Math.min(nowNanos - lastNanos, MAX_ARREARS_NANOS) / 1e9;
        lastNanos = nowNanos;
        if (nowNanos >= containerMetricsDue) {
            containerMetricsDue = nowNanos + CONTAINER_METRICS_NANOS;
            containerMetrics(nowNanos, sink);
        }
        if (nowNanos >= countersDue) {
            countersDue = nowNanos + COUNTER_NANOS;
            envelopes.routerCounters(nowNanos).forEach(counter -> add(counter, sink));
        }
        while (owed >= 1) {
            owed -= event(nowNanos, sink);
        }
        flush(sink);
    }

    private void containerMetrics(long now, Consumer<List<Envelope>> sink) {
        for (SampleApp app : SampleApp.all()) {
            for (int instance = 0; instance < app.instances(); instance++) {
                add(envelopes.containerMetric(app, instance, now), sink);
            }
        }
    }

    /** Something happens; returns of how many envelopes it was. */
    private int event(long now, Consumer<List<Envelope>> sink) {
        SampleApp app = byShare.get(random.nextInt(byShare.size()));
        int instance = random.nextInt(app.instances());
        boolean fails = random.nextInt(EXCEPTION_IN) == 0;
        boolean slow = random.nextInt(SLOW_IN) == 0;
        SampleRequest request = SampleRequest.of(app, instance, now, fails, slow, random);
        add(fails ? envelopes.exception(request) : envelopes.line(request), sink);
        add(envelopes.accessLine(request), sink);
        add(envelopes.timer(request), sink);
        return 3;
    }

    private void add(Envelope envelope, Consumer<List<Envelope>> sink) {
        batch.add(envelope);
        if (batch.size() == MAX_BATCH_ENVELOPES) {
            flush(sink);
        }
    }

    private void flush(Consumer<List<Envelope>> sink) {
        if (!batch.isEmpty()) {
            sink.accept(List.copyOf(batch));
            batch.clear();
        }
    }
}
