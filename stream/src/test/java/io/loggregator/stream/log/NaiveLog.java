package io.loggregator.stream.log;

import java.util.ArrayList;
import java.util.List;

/** A log as a list of batches: what is in {@link Log}'s contract, and nothing to make it fast. */
final class NaiveLog {
    record Batch(long from, byte[] bytes, int envelopes, int logs, long millis) {
        long to() {
            return from + bytes.length;
        }
    }

    private final List<Batch> batches = new ArrayList<>();

    void append(byte[] bytes, int envelopes, int logs, long millis) {
        batches.add(new Batch(head(), bytes, envelopes, logs, millis));
    }

    long head() {
        return batches.isEmpty() ? 0 : batches.get(batches.size() - 1).to();
    }

    /** Everything ever appended from a position up to another. */
    List<Batch> between(long from, long to) {
        return batches.stream()
                .filter(batch -> batch.from() >= from && batch.to() <= to)
                .toList();
    }

    List<Batch> from(long position) {
        return between(position, Long.MAX_VALUE);
    }

    long envelopesBefore(long position) {
        return between(0, position).stream().mapToLong(Batch::envelopes).sum();
    }

    long logsBefore(long position) {
        return between(0, position).stream().mapToLong(Batch::logs).sum();
    }

    /** Borders between batches from a position on, the head included. */
    List<Long> borders(long from) {
        List<Long> borders = new ArrayList<>();
        from(from).forEach(batch -> borders.add(batch.from()));
        borders.add(head());
        return borders;
    }

    static byte[] glue(List<Batch> batches) {
        byte[] all = new byte
                [batches.stream().mapToInt(batch -> batch.bytes().length).sum()];
        int at = 0;
        for (Batch batch : batches) {
            System.arraycopy(batch.bytes(), 0, all, at, batch.bytes().length);
            at += batch.bytes().length;
        }
        return all;
    }
}
