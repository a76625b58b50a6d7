package io.loggregator.nozzles.kafka;

import io.loggregator.nozzle.Envelope;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.JsonRenderer;
import java.util.Arrays;
import java.util.function.Function;

/** What the value of a record is. */
enum ValueForm {
    /** The encoded {@code loggregator.v2.Envelope}, as it was received. */
    PROTOBUF {
        @Override
        Function<Envelope, byte[]> writer() {
            return ValueForm::bytes;
        }
    },
    /** The canonical JSON of proto3, as {@code /v2/read} writes it: 64-bit numbers are strings, payloads base64. */
    JSON {
        @Override
        Function<Envelope, byte[]> writer() {
            JsonRenderer renderer = new JsonRenderer();
            ByteSink json = new ByteSink(LARGEST_JSON);
            return envelope -> {
                byte[] bytes = bytes(envelope);
                json.reset();
                return renderer.render(bytes, 0, bytes.length, json) && !json.full()
                        ? Arrays.copyOf(json.bytes(), json.end())
                        : null;
            };
        }
    };

    private static final int LARGEST_JSON = 64 << 20;

    /**
     * Makes values, for one thread. It answers null where an envelope has no such value: JSON above 64 MiB, or of more
     * than 100,000 tags or metrics.
     */
    abstract Function<Envelope, byte[]> writer();

    private static byte[] bytes(Envelope envelope) {
        byte[] bytes = new byte[envelope.size()];
        envelope.bytes().get(bytes);
        return bytes;
    }
}
