package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.Envelopes.Seen;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Share;
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
        private long position;
        private long count;
        private boolean knowsWhere;

        Client(GroupModel model, Member member) {
            this.model = model;
            this.member = member;
        }

        long lastSequence() {
            return lastSequence;
        }

        /** A client that counts what it gets from where it starts. */
        void startsAt(Resume start) {
            position = start.position();
            count = start.count();
            knowsWhere = true;
        }

        private void got(long end, long envelopes) {
            position = Math.max(position, end);
            count += envelopes;
            if (knowsWhere) {
                model.places.add(new Resume(position, count));
            }
        }
    }

    private record Sent(long sequence, List<Long> numbers, long gap) {}

    final GroupKey key;
    final GroupLedger ledger;
    /** What the ledger had counted when the group began. */
    private final GroupLedger earlier;

    final List<Client> clients = new ArrayList<>();
    /** Where clients of the group have been, for them to come back to. */
    final List<Resume> places;

    private final Group group;
    private final History history;
    private final int start;
    private final long startPosition;
    private final boolean alone;
    /** Envelopes before this one were sent once or skipped. */
    private int next;

    private final BitSet sent = new BitSet();
    private final BitSet out = new BitSet();
    private final BitSet confirmed = new BitSet();
    private final Set<List<Long>> returned = new HashSet<>();
    /** Members have had shares, so that ranges wait for single ones. */
    private boolean parted;

    private boolean unknown;
    private long skipped;
    private long told;
    private long delivered;
    private long redelivered;
    private long acceptedAgain;
    /** What a client that comes back counts, less what the group's envelopes since its start are. */
    private long base;

    /**
     * @param earlier what the ledger had counted when the group began
     * @param start the first envelope that the group may get
     * @param base what its client had counted before
     */
    GroupModel(
            Group group,
            GroupLedger ledger,
            GroupLedger earlier,
            History history,
            int start,
            long base,
            List<Resume> places) {
        this.key = group.key();
        this.group = group;
        this.alone = group.alone();
        this.ledger = ledger;
        this.earlier = earlier;
        this.history = history;
        this.start = start;
        this.startPosition = group.position();
        sent.set(0, start);
        this.next = start;
        long before = history.gone(key.selection(), start, history.size());
        this.base = base - before;
        this.acceptedAgain = -before;
        this.places = places;
        this.unknown = group.gap() != null;
    }

    Client join(Member member) {
        Client client = new Client(this, member);
        clients.add(client);
        parted |= member.share().count() > 1;
        return client;
    }

    /** A batch came for a client; a Traffic Controller takes from it what the group selects, and of that its share. */
    void batch(Client client, long sequence, Share share, long end, List<Seen> batch) {
        List<Long> numbers = batch.stream()
                .map(Seen::number)
                .filter(number -> history.times(key.selection(), number) > 0 && history.takes(share, number))
                .toList();
        assertThat(numbers).isNotEmpty();
        assertThat(numbers).as("nothing that was thinned away").noneMatch(history::isGone);
        forgetGone();
        assertThat(sequence).isEqualTo(++client.lastSequence);
        assertThat(group.gap()).as("a gap is told before what follows").isNull();
        if (!alone && sent.get(Math.toIntExact(numbers.get(0)))) {
            assertThat(returned.remove(numbers)).as("came back before").isTrue();
            redelivered += history.times(key.selection(), numbers);
        } else if (parted) {
            next = Math.max(next, Math.toIntExact(numbers.get(numbers.size() - 1)) + 1);
        } else {
            first(numbers);
        }
        for (long number : numbers) {
            int n = (int) number;
            assertThat(out.get(n) || confirmed.get(n)).as("handed out twice").isFalse();
            if (alone && sent.get(n)) {
                redelivered += history.times(key.selection(), number);
            }
            out.set(n);
            sent.set(n);
        }
        client.out.add(new Sent(sequence, numbers, 0));
        client.got(end, history.times(key.selection(), numbers));
    }

    private void first(List<Long> numbers) {
        int first = Math.toIntExact(numbers.get(0));
        int last = Math.toIntExact(numbers.get(numbers.size() - 1));
        assertThat(first).isGreaterThanOrEqualTo(next);
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
        assertThat(history.times(key.selection(), numbers))
                .as("nothing left out")
                .isEqualTo(history.held(key.selection(), first, last + 1));
        skipped += history.count(key.selection(), next, first) + history.gone(key.selection(), first, last + 1);
        assertThat(alone || unknown || told >= skipped)
                .as("told what is missing")
                .isTrue();
        next = last + 1;
    }

    void gap(Client client, long sequence, Gap gap) {
        assertThat(sequence).isEqualTo(++client.lastSequence);
        assertThat(gap.count() > 0 || unknown).as("a count, if it is known").isTrue();
        assertThat(gap.firstMillis()).isLessThanOrEqualTo(gap.lastMillis());
        told += gap.count();
        client.out.add(new Sent(sequence, List.of(), gap.count()));
        client.got(client.position, gap.count());
    }

    /** The client confirmed everything up to a sequence number. */
    void confirmed(Client client, long sequence) {
        while (!client.out.isEmpty() && client.out.peek().sequence() <= sequence) {
            List<Long> numbers = client.out.poll().numbers();
            delivered += history.times(key.selection(), numbers);
            for (long number : numbers) {
                out.clear((int) number);
                confirmed.set((int) number);
            }
        }
    }

    /** A client has left the group. */
    void left(Client client, long tail) {
        clients.remove(client);
        int stands = history.numberAt(group.position());
        int held = history.numberAt(tail);
        for (Sent back : client.out) {
            told -= back.gap();
            back.numbers().forEach(number -> out.clear(number.intValue()));
            if (alone) {
                assertThat(back.numbers())
                        .as("goes back to what was not confirmed")
                        .allMatch(number -> number >= stands || number < held || history.isGone(number));
                next = Math.min(next, stands);
            } else if (!back.numbers().isEmpty()) {
                returned.add(back.numbers());
            }
        }
        client.out.clear();
    }

    /** The only client comes back and says where it is; the group, whose place and gap were these before, has heard it. */
    void resumed(Resume resume, long position, Gap gap, long tail, long head) {
        if (unknown) {
            // What it cannot count is in no sum but the ledger's own.
            next = history.numberAt(group.position());
            confirmed.clear(next, history.size() + 1);
            sent.set(0, Math.max(next, history.numberAt(position)));
            delivered = ledger.delivered() - earlier.delivered();
            acceptedAgain = ledger.accepted()
                    - earlier.accepted()
                    - history.count(key.selection(), start, history.numberAt(head));
            return;
        }
        Selection selection = key.selection();
        int stood = history.numberAt(position);
        long counted = base + history.count(selection, start, stood) + history.gone(selection, stood, history.size());
        if (gap == null && resume.count() == counted) {
            assertThat(group.position()).isEqualTo(position);
            return;
        }
        long from = Math.max(resume.isPlace() ? resume.position() : startPosition, tail);
        int stands = history.numberAt(from);
        long lost = counted
                + (stands < stood ? -history.held(selection, stands, stood) : history.held(selection, stood, stands))
                - resume.count();
        base -= Math.min(0, lost);
        lost = Math.max(0, lost);
        assertThat(group.position()).isEqualTo(from);
        if (stands < stood) {
            acceptedAgain += history.held(selection, stands, stood);
        } else {
            delivered += history.held(selection, stood, stands);
            sent.set(stood, stands);
        }
        confirmed.clear(stands, history.size() + 1);
        next = stands;
        if (gap != null && gap.count() == 0) {
            return;
        }
        acceptedAgain += Math.max(0, lost - (gap == null ? 0 : gap.count()));
        assertThat(group.gap() == null ? 0 : group.gap().count()).isEqualTo(lost);
        told = dropped() - lost;
    }

    private long dropped() {
        return ledger.dropped() - earlier.dropped();
    }

    long position() {
        return group.position();
    }

    Gap gap() {
        return group.gap();
    }

    /** Everything has been handed out and told: a client that counts has come to the same number. */
    void settled(long head) {
        for (Client client : clients) {
            if (alone && client.knowsWhere && !unknown) {
                assertThat(client.count)
                        .as("what the client has or knows to be lost")
                        .isEqualTo(base + history.count(key.selection(), start, history.numberAt(head)));
            }
        }
    }

    /** Sums both sides. */
    void check(Lane lane, long tail) {
        int pumped = history.numberAt(lane.head());
        int position = history.numberAt(group.position());
        int held = history.numberAt(tail);
        long pending = lane.pending(key);
        parted |= group.shares();
        assertThat(ledger.accepted() - earlier.accepted())
                .isEqualTo(history.count(key.selection(), start, pumped) + acceptedAgain);
        assertThat(ledger.delivered() - earlier.delivered()).isEqualTo(delivered);
        assertThat(ledger.accepted()).isEqualTo(ledger.delivered() + ledger.dropped() + pending);
        assertThat(ledger.redelivered() - earlier.redelivered()).isEqualTo(redelivered);
        assertThat(ledger.abandoned()).isEqualTo(earlier.abandoned());
        long toTell = group.gap() == null ? 0 : group.gap().count();
        long parked = 0;
        for (Client client : clients) {
            toTell += client.member.gap() == null ? 0 : client.member.gap().count();
            parked += client.member.waiting();
        }
        if (!unknown) {
            assertThat(told + toTell).isEqualTo(dropped());
        }
        // What came back and was overwritten is lost whole.
        returned.removeIf(numbers -> numbers.get(0) < held);
        forgetGone();
        long waiting = parted
                ? group.returned().stream().mapToLong(Delivery::envelopes).sum()
                : returned.stream()
                        .mapToLong(numbers -> history.times(key.selection(), numbers))
                        .sum();
        long handedOut =
                out.stream().mapToLong(n -> history.times(key.selection(), n)).sum();
        assertThat(pending).isEqualTo(handedOut + waiting + parked + history.held(key.selection(), position, pumped));
        assertThat(alone
                        || unknown
                        || ledger.lapped() + ledger.thinned() - earlier.lapped() - earlier.thinned() >= skipped)
                .isTrue();
    }

    /** What came back and was thinned away since is lost in part. */
    private void forgetGone() {
        Set<List<Long>> left = new HashSet<>();
        for (List<Long> numbers : returned) {
            List<Long> held =
                    numbers.stream().filter(number -> !history.isGone(number)).toList();
            if (!held.isEmpty()) {
                left.add(held);
            }
        }
        returned.clear();
        returned.addAll(left);
    }
}
