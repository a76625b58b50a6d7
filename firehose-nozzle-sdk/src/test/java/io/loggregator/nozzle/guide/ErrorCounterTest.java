package io.loggregator.nozzle.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.nozzle.BackOff;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Gap;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.testkit.Envelopes;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ErrorCounterTest {
    /** The nozzle to test: counts lines on standard error, and what it did not get. */
    static final class ErrorCounter implements BatchHandler {
        final AtomicLong errors = new AtomicLong();
        final AtomicLong missed = new AtomicLong();

        @Override
        public CompletionStage<?> handle(Batch batch) {
            for (Envelope envelope : batch) {
                if (envelope instanceof Log log && log.type() == Log.Type.ERR) {
                    errors.incrementAndGet();
                }
            }
            return BatchHandler.done();
        }

        @Override
        public void gap(Gap gap) {
            missed.addAndGet(gap.count().orElse(0));
        }
    }

    @Test
    void countsOnWhenTheConnectionBreaks() {
        ErrorCounter counter = new ErrorCounter();
        try (LoggregatorEndpoint loggregator = LoggregatorEndpoint.start();
                Nozzle nozzle = Nozzle.builder()
                        .endpoint(loggregator.uri())
                        .firehose("error-counter")
                        .backOff(new BackOff(Duration.ofMillis(1), Duration.ofMillis(10)))
                        .handler(counter)
                        .build()) {
            ScriptedStream firehose = loggregator.firehose("error-counter");
            nozzle.start();
            firehose.send(Envelopes.out("app", "fine"), Envelopes.err("app", "bad"));
            firehose.awaitAcknowledged(2);

            firehose.awaitConnection(1).reset();
            firehose.awaitConnection(2);
            firehose.gap(7).send(Envelopes.err("app", "worse"));
            firehose.awaitAcknowledged(3);

            assertThat(counter.errors).hasValue(2);
            assertThat(counter.missed).hasValue(7);
        }
    }
}
