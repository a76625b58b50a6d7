package io.loggregator.nozzles.kafka;

import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.LeftOut;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Sends envelopes as records. A batch is handled when the brokers have acknowledged every record of it that they can
 * take; where one was not in time, the batch fails, and comes again. Sending waits while the producer's buffer is full.
 * Safe for use by the threads of several connections.
 */
final class KafkaSink implements Destination {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final ValueForm form;
    private final LongAdder sent = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LeftOut leftOut = new LeftOut();

    /** @param producer is closed with the sink */
    KafkaSink(Producer<byte[], byte[]> producer, String topic, ValueForm form) {
        this.producer = producer;
        this.topic = topic;
        this.form = form;
    }

    /**
     * Asks for the topic.
     *
     * @throws NozzleException there is none, or it may not be used: final; or no broker can be reached
     */
    void check() {
        try {
            producer.partitionsFor(topic);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            throw Failures.ofNozzle(topic, e);
        }
    }

    @Override
    public CompletionStage<?> handle(Batch batch) {
        Sends sends = new Sends();
        Function<Envelope, byte[]> writer = form.writer();
        for (Envelope envelope : batch) {
            if (sends.failure.get() != null) {
                // The batch comes again as a whole. Without a topic or a broker each further record would wait in vain.
                break;
            }
            byte[] value = writer.apply(envelope);
            if (value == null) {
                leaveOut(Failures.TOO_LARGE, envelope, "no JSON of that size is made");
                continue;
            }
            Callback callback = sends.begin(envelope);
            try {
                producer.send(new ProducerRecord<>(topic, key(envelope), value), callback);
            } catch (KafkaException | IllegalStateException e) {
                // What has got a callback of its own is told there, and not thrown.
                callback.onCompletion(null, e);
            }
        }
        sends.end();
        return sends.done;
    }

    /**
     * Lines of one source stay in one partition, in their order. What has no source has an empty key, not none: a compacted
     * topic refuses records without one, and with them all that went to the broker together with them.
     */
    private static byte[] key(Envelope envelope) {
        return envelope.sourceId().getBytes(StandardCharsets.UTF_8);
    }

    private void leaveOut(String reason, Envelope envelope, String why) {
        leftOut.add(reason, 1, envelope + " of " + envelope.size() + " bytes: " + why);
    }

    /** What could never be sent, by reason. */
    LeftOut leftOut() {
        return leftOut;
    }

    @Override
    public String status() {
        return sent + " records sent, " + leftOut + ", " + failed + " batches were not taken and come again";
    }

    /** What has not been sent fails, and so does its batch. */
    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }

    /** The records of one batch. */
    private final class Sends {
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final AtomicReference<NozzleException> failure = new AtomicReference<>();
        // One for the batch itself, so that it is not done before all were sent.
        private final AtomicInteger open = new AtomicInteger(1);

        Callback begin(Envelope envelope) {
            open.incrementAndGet();
            return (RecordMetadata metadata, Exception problem) -> {
                if (problem == null) {
                    sent.increment();
                } else if (Failures.ofRecord(problem)) {
                    leaveOut(Failures.reason(problem), envelope, problem.getMessage());
                } else {
                    failure.compareAndSet(null, Failures.ofNozzle(topic, problem));
                }
                end();
            };
        }

        void end() {
            if (open.decrementAndGet() == 0) {
                NozzleException problem = failure.get();
                if (problem == null) {
                    done.complete(null);
                } else {
                    failed.increment();
                    done.completeExceptionally(problem);
                }
            }
        }
    }
}
