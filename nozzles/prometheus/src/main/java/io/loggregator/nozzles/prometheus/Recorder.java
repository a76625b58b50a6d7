package io.loggregator.nozzles.prometheus;

import io.loggregator.nozzle.Counter;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Gauge;
import io.loggregator.nozzle.Timer;
import io.loggregator.nozzles.runner.LeftOut;
import java.util.List;
import java.util.regex.Pattern;

/** Keeps what envelopes say. */
final class Recorder {
    private static final double NANOS = 1e9;
    private static final Pattern GUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    private final SeriesStore store;
    private final MetricNames names;
    private final List<String> httpTags;
    private final LeftOut leftOut = new LeftOut();

    /** @param httpTags tags by which requests are told apart */
    Recorder(SeriesStore store, MetricNames names, List<String> httpTags) {
        this.store = store;
        this.names = names;
        this.httpTags = List.copyOf(httpTags);
    }

    MetricNames names() {
        return names;
    }

    LeftOut leftOut() {
        return leftOut;
    }

    /** Never fails: an envelope that cannot be shown would come again for ever, and all behind it would wait. */
    void record(Envelope envelope) {
        try {
            keep(envelope);
        } catch (RuntimeException e) {
            leftOut.add("unusable", 1, "an envelope of " + envelope.sourceId() + ": " + e);
        }
    }

    private void keep(Envelope envelope) {
        if (envelope instanceof Counter counter) {
            store.count(
                    names.counter(counter, counter.name()),
                    names.labels(counter, (String) null),
                    unsigned(counter.total()),
                    unsigned(counter.delta()));
        } else if (envelope instanceof Gauge gauge) {
            gauge.metrics()
                    .forEach((name, metric) ->
                            store.set(names.gauge(gauge, name), names.labels(gauge, metric.unit()), metric.value()));
        } else if (envelope instanceof Timer timer && timer.name().equals("http") && isCounted(timer)) {
            double seconds = Math.max(0, timer.stopNanos() - timer.startNanos()) / NANOS;
            store.observe(names.own("http"), names.labels(timer, httpTags), seconds);
        }
    }

    /** A router tells of each request twice, as the app's client and as a server; and to the app once more. */
    private static boolean isCounted(Timer timer) {
        if (timer.sourceId().equals("gorouter") && "client".equalsIgnoreCase(timer.tag("peer_type"))) {
            return false;
        }
        return timer.tag("app_id") != null || !GUID.matcher(timer.sourceId()).matches();
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : (value >>> 1) * 2.0;
    }
}
