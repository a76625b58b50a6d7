package io.loggregator.nozzle.guide;

import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Gap;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.TlsOptions;
import io.loggregator.nozzle.TokenSupplier;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** What {@code docs/nozzles.md} shows beside a nozzle written with noaa. */
final class FromNoaa implements BatchHandler {
    static void read(URI url, Path authorities, TokenSupplier token) throws InterruptedException {
        try (Nozzle nozzle = Nozzle.builder()
                .endpoint(url)
                .tls(TlsOptions.trusting(authorities))
                .token(token)
                .keepAlive(Duration.ofMinutes(1))
                .firehose("my-nozzle")
                .handler(new FromNoaa())
                .build()) {
            nozzle.start();
            nozzle.awaitEnd();
        }
    }

    @Override
    public CompletionStage<?> handle(Batch batch) {
        batch.forEach(envelope -> {
            if (envelope instanceof Log log) {
                System.out.println(log.sourceId() + " " + log.text());
            }
        });
        return BatchHandler.done();
    }

    @Override
    public void gap(Gap gap) {
        System.err.println("lost " + gap);
    }
}
