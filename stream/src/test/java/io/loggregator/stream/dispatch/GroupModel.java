package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.Envelopes.Seen;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What one group must have seen, told envelope by envelope; fails as soon as the lane does anything else. */
final class GroupModel {
    /** One client, and what was sent to it and not confirmed. */
    static final class Client {
        final GroupModel model;
        final Member member;
        private final ArrayDeque<Sent> out = new ArrayDeque<>();
        private long lastSequence;

        Client(GroupModel model, Member member) {
            this.model = model;
            this.member = member;
        }

        long lastSequence() {
            return lastSequence;
        }
    }

    private record Sent(long sequence, List<Long> numbers, long gap) {}

    final GroupKey key;
    final GroupLedger ledger;
    final List<Client> clients = new ArrayList<>();
    private final Group group;
    private final History history;
    private final int start;
    /** Envelopes before this one were sent once or skipped. */
    private int next;

    private final BitSet sent = new BitSet();
    private final BitSet out = new BitSet();
    private final BitSet confirmed = new BitSet();
    private final Set<List<Long>> returned = new HashSet<>();
    private long skipped;
    private long told;
    private long redelivered;

    /** @param start the first envelope that the group may get */
    GroupModel(Group group, GroupLedger ledger, History history, int start) {
        this.key = group.key();
        this.group = group;
        this.ledger = ledger;
        this.history = history;
        this.start = start;
        this.next = start;
    }

    Client join(Member member) {
        Client client = new Client(this, member);
        clients.add(client);
        return client;
    }

    /** A batch came for a client; a Traffic Controller takes from it what passes the group's filter. */
    void batch(Client client, long sequence, List<Seen> batch) {
        List<Long> numbers = batch.stream()
                .filter(envelope -> key.selection().takes(envelope.log()))
                .map(Seen::number)
                .toList();
        assertThat(numbers).isNotEmpty();
        assertThat(sequence).isEqualTo(++client.lastSequence);
        assertThat(group.gap()).as("a gap is told before what follows").isNull();
        if (sent.get(Math.toIntExact(numbers.get(0)))) {
            assertThat(returned.remove(numbers)).as("came back before").isTrue();
            redelivered += numbers.size();
        } else {
            first(numbers);
        }
        for (long number : numbers) {
            int n = (int) number;
            assertThat(out.get(n) || confirmed.get(n)).as("handed out twice").isFalse();
            out.set(n);
            sent.set(n);
        }
        client.out.add(new Sent(sequence, numbers, 0));
    }

    private void first(List<Long> numbers) {
        int first = Math.toIntExact(numbers.get(0));
        int last = Math.toIntExact(numbers.get(numbers.size() - 1));
        assertThat(first).isGreaterThanOrEqualTo(next);
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
        assertThat((long) numbers.size())
                .as("nothing left out")
                .isEqualTo(history.count(key.selection(), first, last + 1));
        skipped += history.count(key.selection(), next, first);
        assertThat(told).as("told what is missing").isGreaterThanOrEqualTo(skipped);
        next = last + 1;
    }

    void gap(Client client, long sequence, Gap gap) {
        assertThat(sequence).isEqualTo(++client.lastSequence);
        assertThat(gap.count()).isPositive();
        assertThat(gap.firstMillis()).isLessThanOrEqualTo(gap.lastMillis());
        told += gap.count();
        client.out.add(new Sent(sequence, List.of(), gap.count()));
    }

    /** The client confirmed everything up to a sequence number. */
    void confirmed(Client client, long sequence) {
        while (!client.out.isEmpty() && client.out.peek().sequence() <= sequence) {
            for (long number : client.out.poll().numbers()) {
                out.clear((int) number);
                confirmed.set((int) number);
            }
        }
    }

    void left(Client client) {
        clients.remove(client);
        for (Sent back : client.out) {
            told -= back.gap();
            back.numbers().forEach(number -> out.clear(number.intValue()));
            if (!back.numbers().isEmpty()) {
                returned.add(back.numbers());
            }
        }
        client.out.clear();
    }

    /** Sums both sides. */
    void check(Lane lane, long tail) {
        int pumped = history.numberAt(lane.head());
        int position = history.numberAt(group.position());
        int held = history.numberAt(tail);
        long pending = lane.pending(key);
        assertThat(ledger.accepted()).isEqualTo(history.count(key.selection(), start, pumped));
        assertThat(ledger.delivered()).isEqualTo(confirmed.cardinality());
        assertThat(ledger.accepted()).isEqualTo(ledger.delivered() + ledger.dropped() + pending);
        assertThat(ledger.redelivered()).isEqualTo(redelivered);
        assertThat(told + (group.gap() == null ? 0 : group.gap().count())).isEqualTo(ledger.dropped());
        // What came back and was overwritten is lost whole.
        returned.removeIf(numbers -> numbers.get(0) < held);
        long waiting = returned.stream().mapToLong(List::size).sum();
        assertThat(pending).isEqualTo(out.cardinality() + waiting + history.count(key.selection(), position, pumped));
        assertThat(ledger.lapped()).isGreaterThanOrEqualTo(skipped);
    }
}
