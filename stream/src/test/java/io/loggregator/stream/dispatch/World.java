package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.Envelopes.Seen;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** A lane, everybody who reads it, and models that hold every call of the lane against what it may do. */
final class World {
    private static final List<String> SOURCES = List.of("a", "b", "c", "router", "app-with-a-long-name", "");
    private static final List<Selection> SELECTIONS = List.of(
            Selection.ALL,
            Selection.LOGS,
            Selection.METRICS,
            Selection.of(List.of(selector("", BatchCursor.LOG), selector("a", BatchCursor.LOG)), true),
            Selection.of(
                    List.of(
                            new Selector("", BatchCursor.COUNTER, List.of("requests")),
                            selector("a", BatchCursor.GAUGE),
                            selector("router", BatchCursor.TIMER)),
                    false),
            Selection.of(
                    SOURCES.stream()
                            .flatMap(source -> Stream.of(
                                    selector(source + "-", BatchCursor.EVENT), selector(source, BatchCursor.COUNTER)))
                            .toList(),
                    true),
            Selection.ofApp("a", Selection.LOG_CLASS | Selection.METRIC_CLASS));

    private static Selector selector(String source, int kind) {
        return new Selector(source, kind, List.of());
    }

    private static final long GRACE = 2_000;
    private static final int IN_GRACE = 2;

    /** A link: its outlet passes on to the models at once, so that order across links is seen as well. */
    private final class Link implements Outlet {
        final Map<Long, GroupModel.Client> clients = new HashMap<>();
        final TailsModel tails;
        final Port port = lane.open(this, GRACE, IN_GRACE);
        int room = Integer.MAX_VALUE;

        Link(boolean platform) {
            tails = new TailsModel(history, platform);
            lane.followPlatform(port, platform);
        }

        @Override
        public boolean writable() {
            return room > 0;
        }

        @Override
        public void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tail) {
            use();
            linkBytes += to - from;
            List<Seen> batch = Envelopes.read(bytes, from, to);
            assertThat(batch).isNotEmpty();
            for (int i = 0; i < deliveries.size(); i++) {
                GroupModel.Client client = clients.get(deliveries.member(i));
                client.model.batch(client, deliveries.sequence(i), deliveries.share(i), end, batch);
            }
            if (tail) {
                tails.batch(batch);
            } else {
                assertThat(deliveries.size()).isPositive();
            }
        }

        @Override
        public void gap(long member, long sequence, Gap gap, long end) {
            use();
            GroupModel.Client client = clients.get(member);
            client.model.gap(client, sequence, gap);
        }

        @Override
        public void gap(String source, Gap gap) {
            use();
            tails.gap(source, gap);
        }

        private void use() {
            assertThat(room).as("only what is writable is written to").isPositive();
            room -= room == Integer.MAX_VALUE ? 0 : 1;
        }
    }

    private final Random random;
    private final MemoryLog log;
    private final Lane lane;
    private final History history = new History();
    private final List<Link> links = new ArrayList<>();
    private final Map<GroupKey, GroupModel> groups = new HashMap<>();
    private final Map<GroupKey, List<Resume>> places = new HashMap<>();
    private final Set<GroupLedger> ledgers = Collections.newSetFromMap(new IdentityHashMap<>());
    /** What ledgers of shared groups had counted when these were forgotten, which is where they go on. */
    private final Map<GroupKey, GroupLedger> kept = new HashMap<>();

    private long linkBytes;
    private long now = 1_000_000;
    private long ids;

    /** @param thinnedBytes how much of the log's memory is for what has been thinned */
    World(Random random, int logBytes, int thinnedBytes) {
        this.random = random;
        this.log = new MemoryLog(logBytes, thinnedBytes);
        this.lane = new Lane(new WatchedLog(log, history::gone));
    }

    /** One random thing happens, and everything must still add up. */
    void step() {
        switch (random.nextInt(20)) {
            case 0 -> join();
            case 1 -> leave();
            case 2, 3, 4 -> confirm();
            case 5 -> window();
            case 6, 7 -> room();
            case 8 -> follow();
            case 9 -> open();
            case 10 -> close();
            case 11 -> {
                now += random.nextInt(1_500) - 10;
                lane.expire(now);
            }
            case 12, 13, 14 -> pump();
            default -> accept();
        }
        check();
    }

    /** How many envelopes readers lost because the log was thinned. */
    long thinned() {
        return lane.counters().thinnedGroups() + lane.counters().thinnedTails();
    }

    /** Every link takes everything and every client confirms, until nothing is left to do. */
    void settle() {
        links.forEach(link -> link.room = Integer.MAX_VALUE);
        links.forEach(link -> link.clients.values().forEach(client -> lane.window(client.member, 20_000)));
        int rounds = 0;
        do {
            assertThat(rounds++).as("handing out ends").isLessThan(100_000);
            for (Link link : links) {
                for (GroupModel.Client client : link.clients.values()) {
                    confirm(client, client.lastSequence());
                }
            }
            pump();
            check();
        } while (!lane.isDrained());
        int head = history.numberAt(log.head());
        for (Link link : links) {
            if (link.tails.started()) {
                link.tails.settled(head);
            }
        }
        for (GroupModel group : groups.values()) {
            assertThat(group.clients.isEmpty() || lane.pending(group.key) == 0).isTrue();
            group.settled(log.head());
        }
    }

    private void accept() {
        now += random.nextInt(20);
        int payload = random.nextInt(60) == 0 ? 20_000 : random.nextInt(12) == 0 ? 2_000 : 40;
        history.accept(lane, random, 1 + random.nextInt(20), payload, SOURCES, now);
    }

    private void pump() {
        for (int turns = 0; lane.pump(); turns++) {
            assertThat(turns).as("pumping ends").isLessThan(10_000);
        }
        assertThat(lane.head()).isEqualTo(log.head());
    }

    private void open() {
        if (links.size() < 4) {
            Link link = new Link(random.nextInt(3) == 0);
            links.add(link);
            if (!link.tails.follows(Tails.PLATFORM)) {
                followSome(link);
            }
        }
    }

    private void startTails(Link link) {
        List<Long> positions = history.positions();
        long from = random.nextBoolean() ? lane.head() : positions.get(random.nextInt(positions.size()));
        long start = Math.min(Math.max(from, log.tail()), lane.head());
        link.tails.start(history.numberAt(start), from < log.tail() || start < log.thinnedTo());
        lane.startTails(link.port, from);
    }

    private void close() {
        if (random.nextInt(8) == 0 && !links.isEmpty()) {
            Link link = links.remove(random.nextInt(links.size()));
            // In the order of their joining, as the lane does it: each may be the last of its group.
            lane.close(link.port, now);
            link.clients.values().forEach(client -> client.model.left(client, log.tail()));
            assertThat(link.port.members()).isEmpty();
        }
    }

    private void join() {
        if (links.isEmpty()) {
            return;
        }
        Link link = any(links);
        if (random.nextInt(3) == 0) {
            joinAlone(link);
            return;
        }
        GroupKey key = new GroupKey("v1", "subscription-" + random.nextInt(2), any(SELECTIONS));
        long since = random.nextInt(3) == 0 ? now - random.nextInt(300) : Long.MAX_VALUE;
        int start = history.numberAt(lane.positionAt(since));
        String name = random.nextInt(5) == 0 ? "name-" + random.nextInt(3) : "";
        Joining joining = Joining.shared(key, random.nextInt(6_000) - 10, since).named(name);
        Member member = lane.join(link.port, ++ids, joining);
        link.clients.put(
                ids,
                groups.computeIfAbsent(key, first -> model(member, start, 0)).join(member));
    }

    private GroupModel model(Member member, int start, long base) {
        GroupKey key = member.group().key();
        GroupLedger ledger = lane.ledgers().get(key);
        ledgers.add(ledger);
        List<Resume> been = places.computeIfAbsent(key, first -> new ArrayList<>());
        GroupLedger earlier = kept.getOrDefault(key, new GroupLedger(ledger.alone()));
        return new GroupModel(member.group(), ledger, earlier, history, start, base, been);
    }

    /** A client with a group of its own comes, or comes back to where it was once. */
    private void joinAlone(Link link) {
        int who = random.nextInt(4);
        GroupKey key = new GroupKey("v2", "alone-" + who, SELECTIONS.get(who + 1));
        List<Resume> been = places.getOrDefault(key, List.of());
        Resume resume = been.isEmpty() || random.nextInt(4) == 0
                ? random.nextBoolean() ? null : Resume.NOTHING
                : been.get(
                        been.size() - 1 - Math.min(been.size() - 1, random.nextInt(random.nextInt(10) == 0 ? 200 : 4)));
        GroupModel model = groups.get(key);
        if (model != null && !model.clients.isEmpty()) {
            leave(model.clients.get(0));
        }
        if (model != null && isForgotten(model)) {
            forgotten(model);
            groups.remove(key);
            model = null;
        }
        long position = model == null ? 0 : model.position();
        Gap gap = model == null ? null : model.gap();
        long tail = log.tail();
        Member member = lane.join(
                link.port,
                ++ids,
                Joining.alone(key, random.nextInt(6_000) - 10, Long.MAX_VALUE).resuming(resume));
        if (model == null) {
            boolean placed = resume != null && resume.isPlace();
            if (!placed) {
                places.remove(key);
            }
            int start = history.numberAt(placed ? Math.max(resume.position(), tail) : lane.head());
            model = model(member, start, resume == null ? 0 : resume.count());
            groups.put(key, model);
        } else if (resume != null) {
            model.resumed(resume, position, gap, tail, lane.head());
        }
        GroupModel.Client client = model.join(member);
        link.clients.put(ids, client);
        if (resume != null) {
            client.startsAt(resume);
        }
    }

    private void leave() {
        GroupModel.Client client = anyClient();
        if (client != null) {
            leave(client);
        }
    }

    private void leave(GroupModel.Client client) {
        links.forEach(link -> link.clients.remove(client.member.id()));
        lane.leave(client.member, now);
        client.model.left(client, log.tail());
    }

    private void confirm() {
        GroupModel.Client client = anyClient();
        if (client != null) {
            confirm(client, client.lastSequence() - random.nextInt(4));
        }
    }

    private void confirm(GroupModel.Client client, long sequence) {
        lane.confirm(client.member, sequence);
        client.model.confirmed(client, sequence);
    }

    private void window() {
        GroupModel.Client client = anyClient();
        if (client != null) {
            lane.window(client.member, random.nextInt(20_000) - 10);
        }
    }

    private void room() {
        if (!links.isEmpty()) {
            int kind = random.nextInt(3);
            any(links).room = kind == 0 ? 0 : kind == 1 ? random.nextInt(5) : Integer.MAX_VALUE;
        }
    }

    private void follow() {
        if (!links.isEmpty()) {
            Link link = any(links);
            if (!link.tails.started()) {
                startTails(link);
            } else if (!link.tails.follows(Tails.PLATFORM)) {
                followSome(link);
            }
        }
    }

    private void followSome(Link link) {
        for (String source : SOURCES) {
            if (random.nextInt(4) == 0) {
                if (link.tails.follows(source)) {
                    lane.unfollow(link.port, source);
                    link.tails.unfollow(source);
                } else {
                    lane.follow(link.port, source);
                    long position = Math.min(link.port.tails().position(), lane.head());
                    link.tails.follow(source, history.numberAt(position));
                }
            }
        }
    }

    private boolean isForgotten(GroupModel model) {
        GroupLedger ledger = lane.ledgers().get(model.key);
        return ledger != model.ledger || ledger.forgotten();
    }

    private void forgotten(GroupModel model) {
        assertThat(model.clients).isEmpty();
        GroupLedger ledger = model.ledger;
        assertThat(ledger.accepted()).isEqualTo(ledger.delivered() + ledger.dropped());
        if (!ledger.alone()) {
            GroupLedger copy = new GroupLedger(false);
            copy.add(ledger);
            kept.put(model.key, copy);
        }
    }

    private void check() {
        groups.values().removeIf(model -> {
            boolean forgotten = isForgotten(model);
            if (forgotten) {
                forgotten(model);
            }
            return forgotten;
        });
        assertThat(lane.groups()).isEqualTo(groups.size());
        assertThat(lane.ledgers().values().stream().filter(ledger -> !ledger.forgotten()))
                .hasSize(groups.size());
        for (boolean alone : new boolean[] {false, true}) {
            assertThat(groups.values().stream()
                            .filter(model -> model.ledger.alone() == alone && model.clients.isEmpty()))
                    .hasSizeLessThanOrEqualTo(IN_GRACE);
        }
        groups.values().forEach(model -> model.check(lane, log.tail()));
        LaneCounters counters = lane.counters();
        assertThat(counters.acceptedEnvelopes()).isEqualTo(history.size());
        assertThat(counters.acceptedBytes()).isEqualTo(log.head());
        assertThat(counters.linkBytes()).isEqualTo(linkBytes);
        assertThat(counters.catchUpBytes()).isBetween(0L, linkBytes);
        assertThat(counters.abandoned())
                .isEqualTo(ledgers.stream().mapToLong(GroupLedger::abandoned).sum());
        assertThat(counters.delivered())
                .isEqualTo(ledgers.stream().mapToLong(GroupLedger::delivered).sum());
        assertThat(counters.lappedGroups())
                .isEqualTo(ledgers.stream().mapToLong(GroupLedger::lapped).sum());
        assertThat(counters.thinnedGroups())
                .isEqualTo(ledgers.stream().mapToLong(GroupLedger::thinned).sum());
        assertThat(counters.unconfirmed())
                .isEqualTo(ledgers.stream().mapToLong(GroupLedger::unconfirmed).sum());
        assertThat(counters.redelivered())
                .isEqualTo(ledgers.stream().mapToLong(GroupLedger::redelivered).sum());
    }

    private GroupModel.Client anyClient() {
        List<GroupModel.Client> all = new ArrayList<>();
        for (Link link : links) {
            link.clients.keySet().stream().sorted().forEach(id -> all.add(link.clients.get(id)));
        }
        return all.isEmpty() ? null : any(all);
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
