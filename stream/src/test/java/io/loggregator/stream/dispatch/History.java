package io.loggregator.stream.dispatch;

import com.google.protobuf.CodedOutputStream;
import io.loggregator.stream.dispatch.Envelopes.Seen;
import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;

/** Everything a lane ever accepted: envelopes by number, and which number stands at which log position. */
final class History {
    private final List<Seen> envelopes = new ArrayList<>();
    private final List<Integer> logsBefore = new ArrayList<>(List.of(0));
    private final TreeMap<Long, Integer> numbers = new TreeMap<>(Map.of(0L, 0));

    /** Makes the next envelopes up, hands them to the lane as one batch and remembers them. */
    void accept(Lane lane, Random random, int count, int payload, List<String> sources, long nowMillis) {
        List<Envelope> batch = new ArrayList<>();
        long bytes = numbers.lastKey();
        for (int i = 0; i < count; i++) {
            long number = envelopes.size();
            String source = sources.get(random.nextInt(sources.size()));
            Envelope envelope = switch (random.nextInt(8)) {
                case 0 -> Envelopes.counter(number, source);
                case 1 -> Envelopes.gauge(number, source);
                case 2 -> Envelopes.timer(number, source);
                case 3 -> Envelopes.event(number, source);
                case 4 -> Envelopes.error(number, source);
                default -> Envelopes.log(number, source, random.nextInt(payload + 1));
            };
            boolean log = Envelopes.isV1Log(envelope);
            envelopes.add(new Seen(number, source, log));
            logsBefore.add(logsBefore.get((int) number) + (log ? 1 : 0));
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

    /** How many envelopes of {@code [from, to)} pass a filter. */
    long count(Selection filter, int from, int to) {
        int logs = logsBefore.get(to) - logsBefore.get(from);
        if (filter.equals(Selection.LOGS)) {
            return logs;
        }
        return filter.equals(Selection.METRICS) ? to - from - logs : to - from;
    }
}
