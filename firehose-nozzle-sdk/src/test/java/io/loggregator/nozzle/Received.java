package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** A handler that remembers what it was handed, and is done with it at once. */
final class Received implements BatchHandler {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<Envelope> envelopes = new ArrayList<>(); // guarded by this
    private final List<Gap> gaps = new ArrayList<>(); // guarded by this

    private final List<Lagging> lags = new ArrayList<>(); // guarded by this

    @Override
    public synchronized CompletionStage<?> handle(Batch batch) {
        batch.forEach(envelopes::add);
        return BatchHandler.done();
    }

    @Override
    public synchronized void gap(Gap gap) {
        gaps.add(gap);
    }

    @Override
    public synchronized void lagging(Lagging lagging) {
        lags.add(lagging);
    }

    synchronized List<Lagging> lags() {
        return List.copyOf(lags);
    }

    synchronized List<Envelope> envelopes() {
        return List.copyOf(envelopes);
    }

    synchronized List<Gap> gaps() {
        return List.copyOf(gaps);
    }

    /** The texts of all lines so far. */
    List<String> lines() {
        return envelopes().stream()
                .filter(Log.class::isInstance)
                .map(envelope -> ((Log) envelope).text())
                .collect(Collectors.toList());
    }

    /** Waits until just these lines have come, in this order. */
    void awaitLines(String... lines) {
        await().atMost(LIMIT).until(() -> lines().size() >= lines.length);
        assertThat(lines()).containsExactly(lines);
    }

    /** Waits until all of these have come, each at least once. */
    void awaitAll(String... lines) {
        await().atMost(LIMIT).until(() -> lines().containsAll(Arrays.asList(lines)));
    }
}
