package io.loggregator.doppler.link;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.RecordSink;
import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Confirmed;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import io.loggregator.link.v1.Tails;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.Lane;
import io.loggregator.stream.dispatch.Member;
import io.loggregator.stream.dispatch.Port;
import io.loggregator.wire.BatchCursor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one link asks of one lane. Everything here runs on the lane's loop. */
final class LaneSide {
    /** Recent envelopes go out in messages of about this size. */
    private static final int ANSWER_BYTES = 256 * 1024;

    private static final Duration LONGEST_GRACE = Duration.ofDays(1);

    private final DopplerLane doppler;
    private final Lane lane;
    private final LinkSocket socket;
    private final Map<Long, Member> members = new HashMap<>();
    private Port port;

    LaneSide(DopplerLane doppler, LinkSocket socket) {
        this.doppler = doppler;
        this.lane = doppler.lane();
        this.socket = socket;
    }

    DopplerLane doppler() {
        return doppler;
    }

    void open(Hello hello) {
        port = lane.open(
                new LinkOutlet(doppler.index(), socket, hello),
                hello.getTails(),
                Math.min(Math.max(0, hello.getGraceMillis()), LONGEST_GRACE.toMillis()),
                Math.max(0, hello.getGroupsInGrace()));
    }

    /** @param comesBack whether the Traffic Controller may link again, and its tails go on */
    void close(boolean comesBack) {
        if (port != null) {
            long now = SteadyClock.millis();
            if (comesBack) {
                lane.lost(port, now);
            } else {
                lane.close(port, now);
            }
            port = null;
            members.clear();
            doppler.schedulePump();
        }
    }

    /** @param key the group, as {@link JoinMessages#key} has it */
    void join(Join join, GroupKey key) {
        if (port == null || members.containsKey(join.getMember())) {
            return;
        }
        members.put(
                join.getMember(), lane.join(port, join.getMember(), JoinMessages.joining(join, key, doppler.index())));
        doppler.schedulePump();
    }

    /** Takes in what the Traffic Controller tells of itself, {@code message[from, message.length)}. */
    void envelopes(byte[] message, int from) {
        if (port != null && from < message.length && doppler.isOpen()) {
            doppler.accept(message, from, message.length);
        }
    }

    void leave(long id) {
        Member member = members.remove(id);
        if (member != null) {
            lane.leave(member, SteadyClock.millis());
            doppler.schedulePump();
        }
    }

    void window(long id, long bytes) {
        Member member = members.get(id);
        if (member != null) {
            lane.window(member, bytes);
            doppler.schedulePump();
        }
    }

    void confirm(Confirmed confirmed) {
        Member member = members.get(confirmed.getMember());
        if (member != null) {
            lane.confirm(member, confirmed.getSequence());
            doppler.schedulePump();
        }
    }

    void tails(Tails change) {
        if (port == null) {
            return;
        }
        change.getAddList().forEach(source -> lane.follow(port, source));
        change.getRemoveList().forEach(source -> lane.unfollow(port, source));
        if (change.hasPlatform()) {
            lane.followPlatform(port, change.getPlatform());
        }
        if (change.hasStart()) {
            start(change.getStart());
        }
        if (change.getReceivedCount() > 0) {
            Received received = ofLane(change.getReceivedList());
            lane.tailsReceived(port, received.getPosition(), received.getGaps());
        }
        doppler.schedulePump();
    }

    private void start(Start start) {
        Received received = ofLane(start.getReceivedList());
        long from = from(start, received);
        if (start.getAnew()) {
            lane.startTailsAnew(port, from);
        } else {
            lane.resumeTails(port, received.getPosition(), received.getGaps(), from);
        }
    }

    private Received ofLane(List<Received> all) {
        for (Received received : all) {
            if (received.getLane() == doppler.index()) {
                return received;
            }
        }
        return Received.getDefaultInstance();
    }

    private long from(Start start, Received received) {
        if (received.getPosition() > 0) {
            return received.getPosition();
        }
        return start.getAgeMillis() > 0 ? lane.tailsFrom(SteadyClock.millis() - start.getAgeMillis()) : lane.head();
    }

    /** Sends what is asked for; {@code last} on the last message of the last lane only. */
    void answer(Query query, boolean last) {
        byte[] source = query.getSourceId().getBytes(StandardCharsets.UTF_8);
        int hash = BatchCursor.hash(source, 0, source.length);
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        RecordSink sink = new RecordSink(batch, () -> {
            if (batch.size() >= ANSWER_BYTES) {
                send(query, batch, false);
            }
        });
        if (query.getKind() == Query.Kind.CONTAINER_METRICS) {
            doppler.recent().containerMetrics(source, 0, source.length, hash, System.currentTimeMillis(), sink);
        } else {
            doppler.recent().recentLogs(source, 0, source.length, hash, query.getLimit(), sink);
        }
        send(query, batch, last);
    }

    private void send(Query query, ByteArrayOutputStream batch, boolean last) {
        byte[] bytes = batch.toByteArray();
        batch.reset();
        Answer answer = Answer.newBuilder().setId(query.getId()).setLast(last).build();
        socket.send(LinkFrame.encode(
                ToTrafficController.newBuilder().setAnswer(answer).build(), bytes, 0, bytes.length));
    }
}
