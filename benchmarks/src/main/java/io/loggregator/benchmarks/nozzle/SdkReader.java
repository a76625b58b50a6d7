package io.loggregator.benchmarks.nozzle;

import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Gap;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.Statistics;
import io.loggregator.nozzle.TlsOptions;
import io.loggregator.stream.Tally;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/** The library for nozzles. */
final class SdkReader extends Reader implements BatchHandler {
    private final boolean typed;
    private final Tally received = new Tally();
    private final Tally told = new Tally();
    private final Tally unknown = new Tally();
    private final Tally digest = new Tally();
    private final Nozzle nozzle;

    /** @param typed whether it reads the envelopes; else it only looks at the batch's bytes, as one that forwards them */
    SdkReader(URI endpoint, Path authority, String subscription, boolean typed) {
        this.typed = typed;
        nozzle = Nozzle.builder()
                .endpoint(endpoint)
                .firehose(subscription)
                .tls(TlsOptions.trusting(authority))
                .handler(this)
                .build();
        nozzle.start();
    }

    @Override
    public CompletionStage<?> handle(Batch batch) {
        if (typed) {
            long sum = 0;
            for (Envelope envelope : batch) {
                sum += envelope.sourceId().length() + envelope.tags().size();
                if (envelope instanceof Log log) {
                    sum += log.text().length();
                }
            }
            digest.add(sum);
        } else {
            ByteBuffer bytes = batch.bytes();
            digest.add(bytes.remaining() + bytes.get(bytes.limit() - 1));
        }
        received.add(batch.size());
        return gate.whenOpen();
    }

    @Override
    public void gap(Gap gap) {
        told.add(gap.count().orElse(0));
        unknown.add(gap.count().isEmpty() ? 1 : 0);
    }

    @Override
    long received() {
        return received.get();
    }

    @Override
    long told() {
        return told.get();
    }

    @Override
    long troubles() {
        Statistics statistics = nozzle.statistics();
        return unknown.get() + statistics.failures() + statistics.malformed();
    }

    @Override
    long digest() {
        return digest.get();
    }

    @Override
    public void close() {
        nozzle.close();
    }
}
