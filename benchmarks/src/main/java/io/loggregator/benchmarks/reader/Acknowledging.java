package io.loggregator.benchmarks.reader;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import java.util.Arrays;

/**
 * {@code loggregator.stream.v2} (docs/stream-v2.md) as nozzles speak it: what has arrived is acknowledged soon, several
 * messages at once, and its bytes are given back as credit.
 */
public final class Acknowledging implements Conversation {
    /** Batch bytes that may be on their way. */
    static final int CREDIT = 256 << 10;

    /** How long word of what has arrived waits for more. */
    static final long PAUSE_MILLIS = 20;

    private final Checker checker;
    private Line line;
    private long mark;
    private long acknowledged;
    private long unreturned;
    private boolean due;

    /** @param checker told all that comes, and of gaps */
    public Acknowledging(Checker checker) {
        this.checker = checker;
    }

    @Override
    public String subprotocolOrNull() {
        return StreamMessage.SUBPROTOCOL;
    }

    @Override
    public void begin(Line opened) {
        line = opened;
        say(ToServer.newBuilder().setStart(Start.newBuilder().setCredit(CREDIT).setPositions(Positions.NEVER)));
    }

    private void say(ToServer.Builder message) {
        line.say(StreamMessage.encode(message.build()));
    }

    @Override
    public void take(byte[] bytes, int from, int to, long nowNanos) {
        byte[] message = Arrays.copyOfRange(bytes, from, to);
        try {
            ToClient header = StreamMessage.toClient(message);
            if (header.hasBatch()) {
                int start = StreamMessage.batchStart(message);
                checker.v2(message, start, message.length, nowNanos);
                arrived(header.getBatch().getMark(), message.length - start);
            } else if (header.hasGap()) {
                checker.other(Announced.by(header.getGap()));
                arrived(header.getGap().getMark(), 0);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new FrameScanner.Malformed("what is no message of " + StreamMessage.SUBPROTOCOL);
        }
    }

    private void arrived(long upTo, int size) {
        mark = upTo;
        unreturned += size;
        if (unreturned >= CREDIT / 4) {
            confirm();
        } else if (!due) {
            due = true;
            line.later(
                    () -> {
                        due = false;
                        confirm();
                    },
                    PAUSE_MILLIS);
        }
    }

    private void confirm() {
        if (mark > acknowledged) {
            acknowledged = mark;
            say(ToServer.newBuilder().setAck(Ack.newBuilder().setMark(mark)));
        }
        if (unreturned > 0) {
            say(ToServer.newBuilder().setCredit(Credit.newBuilder().setBytes(unreturned)));
            unreturned = 0;
        }
    }
}
