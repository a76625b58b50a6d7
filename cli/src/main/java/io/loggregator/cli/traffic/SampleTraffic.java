package io.loggregator.cli.traffic;

import io.loggregator.cli.emit.CellAgent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** The sample apps at work: their envelopes go out through the agents of the cells that their instances are on. */
public final class SampleTraffic implements AutoCloseable {
    private static final long SEED = 1;
    private static final long STEP_MILLIS = 50;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "sample-traffic");
        daemon.setDaemon(true);
        return daemon;
    });
    private final TrafficSource source;
    private final List<CellAgent> cells;

    /**
     * {@code perSecond}: envelopes per second of all cells together, metrics apart. The agents, at least one, belong to
     * this object from now on.
     */
    public SampleTraffic(double perSecond, List<CellAgent> cells) {
        this.source = new TrafficSource(SEED, perSecond);
        this.cells = List.copyOf(cells);
    }

    public void start() {
        cells.forEach(CellAgent::start);
        thread.scheduleAtFixedRate(this::step, 0, STEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Stops the apps; the agents send what they have, all at the same time, as far as that is quick. */
    @Override
    public void close() {
        thread.shutdownNow();
        cells.parallelStream().forEach(CellAgent::close);
    }

    private void step() {
        Instant now = Instant.now();
        source.advanceTo(now.getEpochSecond() * 1_000_000_000 + now.getNano(), this::toTheirCells);
    }

    private void toTheirCells(List<Envelope> envelopes) {
        List<EnvelopeBatch.Builder> batches = new ArrayList<>();
        cells.forEach(cell -> batches.add(EnvelopeBatch.newBuilder()));
        for (Envelope envelope : envelopes) {
            int instance = Objects.hash(envelope.getSourceId(), envelope.getInstanceId());
            batches.get(Math.floorMod(instance, cells.size())).addBatch(envelope);
        }
        for (int cell = 0; cell < cells.size(); cell++) {
            if (batches.get(cell).getBatchCount() > 0) {
                cells.get(cell).offer(batches.get(cell).build());
            }
        }
    }
}
