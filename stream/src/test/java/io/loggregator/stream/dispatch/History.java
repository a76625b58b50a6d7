package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import io.loggregator.stream.dispatch.Envelopes.Seen;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Share;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** Everything a lane ever accepted: envelopes by number, and which number stands at which log position. */
final class History {
    private final List<Seen> envelopes = new ArrayList<>();
    private final List<byte[]> records = new ArrayList<>();
    /** How many deliveries of the envelopes before each number a selection takes; there is one object for each. */
    private final IdentityHashMap<Selection, List<Integer>> before = new IdentityHashMap<>();

    /** Those that the log was thinned of. */
    private final BitSet gone = new BitSet();

    private final TreeMap<Long, Integer> numbers = new TreeMap<>(Map.of(0L, 0));

    /** Makes the next envelopes up, hands them to the lane as one batch and remembers them. */
    void accept(Lane lane, Random random, int count, int payload, List<String> sources, long nowMillis) {
        List<Envelope> batch = new ArrayList<>();
        long bytes = numbers.lastKey();
        for (int i = 0; i < count; i++) {
            long number = envelopes.size();
            String source = sources.get(random.nextInt(sources.size()));
            Envelope envelope = switch (random.nextInt(8)) {
                case 0 -> Envelopes.counter(number, source, random.nextBoolean() ? "requests" : "errors");
                case 1 -> Envelopes.gauge(number, source);
                case 2 -> Envelopes.timer(number, source);
                case 3 -> Envelopes.event(number, source);
                case 4 -> Envelopes.error(number, source);
                default -> Envelopes.log(number, source, random.nextInt(payload + 1));
            };
            boolean log = Envelopes.isV1Log(envelope);
            envelopes.add(new Seen(number, source, log));
            records.add(EnvelopeBatch.newBuilder().addBatch(envelope).build().toByteArray());
            batch.add(envelope);
            int size = envelope.getSerializedSize();
            bytes += 1 + CodedOutputStream.computeUInt32SizeNoTag(size) + size;
        }
        numbers.put(bytes, envelopes.size());
        Envelopes.accept(lane, batch, nowMillis);
    }

    int size() {
        return envelopes.size();
    }

    /** The number of the first envelope at or after a position, which must be a border between batches. */
    int numberAt(long position) {
        return numbers.get(position);
    }

    List<Long> positions() {
        return new ArrayList<>(numbers.keySet());
    }

    Seen envelope(long number) {
        return envelopes.get((int) number);
    }

    /** How many deliveries of the envelopes {@code [from, to)} a selection takes. */
    long count(Selection selection, int from, int to) {
        List<Integer> sums = before.computeIfAbsent(selection, first -> new ArrayList<>(List.of(0)));
        while (sums.size() <= envelopes.size()) {
            int number = sums.size() - 1;
            byte[] record = records.get(number);
            BatchCursor cursor = new BatchCursor(true).over(record, 0, record.length);
            assertThat(cursor.next()).isTrue();
            sums.add(sums.get(number) + selection.matches(cursor));
        }
        return (long) sums.get(to) - sums.get(from);
    }

    void gone(long number) {
        gone.set((int) number);
    }

    boolean isGone(long number) {
        return gone.get((int) number);
    }

    BitSet gone() {
        return (BitSet) gone.clone();
    }

    /** As {@link #count}, of those that the log was thinned of. */
    long gone(Selection selection, int from, int to) {
        return gone.stream()
                .filter(number -> number >= from && number < to)
                .mapToLong(number -> times(selection, number))
                .sum();
    }

    /** As {@link #count}, of the others. */
    long held(Selection selection, int from, int to) {
        return count(selection, from, to) - gone(selection, from, to);
    }

    /** How many times a selection takes an envelope. */
    long times(Selection selection, long number) {
        return count(selection, (int) number, (int) number + 1);
    }

    /** The same over several. */
    long times(Selection selection, List<Long> numbers) {
        return numbers.stream().mapToLong(number -> times(selection, number)).sum();
    }

    boolean takes(Share share, long number) {
        byte[] record = records.get((int) number);
        BatchCursor cursor = new BatchCursor(true).over(record, 0, record.length);
        return cursor.next() && share.takes(cursor);
    }
}
