package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.Batch;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;

/** A lane with one link, and the words that tests of groups are told in. */
abstract class LaneFixture {
    static final long GRACE = 30_000;
    static final int IN_GRACE = 2;
    static final long WIDE = 1 << 20;
    static final long NOTHING_OLD = Long.MAX_VALUE;

    final MemoryLog memory = new MemoryLog(16 << 10);
    final Lane lane = new Lane(memory);
    final RecordingOutlet outlet = new RecordingOutlet();
    final Port port = lane.open(outlet, GRACE, IN_GRACE);
    long now = 1_000_000;
    long accepted;

    static GroupKey key(String subscription, Selection filter) {
        return new GroupKey("v1", subscription, filter);
    }

    Member join(long id, GroupKey key) {
        return join(id, key, WIDE);
    }

    Member join(long id, GroupKey key, long window) {
        return lane.join(port, id, key, window, NOTHING_OLD);
    }

    GroupLedger ledger(GroupKey key) {
        return lane.ledgers().get(key);
    }

    void accept(Envelope... envelopes) {
        Envelopes.accept(lane, List.of(envelopes), now);
    }

    /** Accepts one batch of logs, numbered on, each about so many bytes. */
    void acceptLogs(int count, int bytes) {
        List<Envelope> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batch.add(log(accepted++, "app", Math.max(0, bytes - 20)));
        }
        Envelopes.accept(lane, batch, now);
    }

    void pumpEach(int batches, int bytes) {
        for (int i = 0; i < batches; i++) {
            acceptLogs(1, bytes);
            lane.pump();
        }
    }

    Batch onlyBatch() {
        List<Batch> batches = outlet.batches();
        assertThat(batches).hasSize(1);
        return batches.get(0);
    }

    List<Long> numbers() {
        return numbers(outlet.take());
    }

    static List<Long> numbers(List<Message> messages) {
        return messages.stream()
                .map(Batch.class::cast)
                .flatMap(batch -> batch.numbers().stream())
                .toList();
    }

    static List<Envelopes.Seen> read(Envelope... envelopes) {
        return Stream.of(envelopes)
                .map(e -> new Envelopes.Seen(e.getTimestamp(), e.getSourceId(), Envelopes.isV1Log(e)))
                .toList();
    }

    /** Members {@code from} to {@code to}, each with the same sequence number. */
    static Map<Long, Long> all(long sequence, long from, long to) {
        Map<Long, Long> deliveries = new LinkedHashMap<>();
        for (long id = from; id <= to; id++) {
            deliveries.put(id, sequence);
        }
        return deliveries;
    }

    static Map<Long, Long> all(long sequence, long only) {
        return all(sequence, only, only);
    }
}
