package io.loggregator.benchmarks.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.link.LinkFrame;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Batch;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Gap;
import io.loggregator.streaming.v2.Ready;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcknowledgingTest {
    private static final int PHASE = 3;

    private final Checker checker = new Checker(new Histogram(60_000_000, 3));
    private final Acknowledging conversation = new Acknowledging(checker);
    private final long[] sent = new long[1];
    private final List<ToServer> said = new ArrayList<>();
    private final Queue<Runnable> later = new ArrayDeque<>();

    @BeforeEach
    void begin() {
        checker.begin(PHASE, 1);
        conversation.begin(new Conversation.Line() {
            @Override
            public void say(byte[] message) {
                try {
                    said.add(StreamMessage.toServer(message));
                } catch (InvalidProtocolBufferException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public void later(Runnable task, long millis) {
                later.add(task);
            }
        });
    }

    @Test
    void beginsWithCredit() {
        assertThat(said).hasSize(1);
        assertThat(said.get(0).getStart().getCredit()).isEqualTo(Acknowledging.CREDIT);
    }

    @Test
    void acknowledgesWhatHasArrivedAtOnceAndGivesItsBytesBack() {
        said.clear();
        take(ToClient.newBuilder().setReady(Ready.getDefaultInstance()).build(), new byte[0]);
        int size = logs(1, 2) + logs(4, 1);
        assertThat(said).as("it waits for more").isEmpty();

        later.remove().run();
        assertThat(said).containsExactly(ack(4), credit(size));
        assertThat(later).isEmpty();
        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(3, 3, 0, 0, 0, 0, 0));

        said.clear();
        size = logs(5, 1);
        later.remove().run();
        assertThat(said).containsExactly(ack(5), credit(size));
    }

    @Test
    void doesNotWaitWhereMuchHasArrived() {
        said.clear();
        long given = 0;
        for (long mark = 1; said.isEmpty(); mark++) {
            given += logs(mark, 100);
            assertThat(given).isLessThan(Acknowledging.CREDIT);
        }
        assertThat(said).hasSize(2);
        assertThat(said.get(1)).isEqualTo(credit(given));

        said.clear();
        later.remove().run();
        assertThat(said).as("there is no more to say").isEmpty();
    }

    @Test
    void aGapAnnouncesSoMany() {
        said.clear();
        gap(Gap.newBuilder().setMark(9).setCount(1_234).setTotal(5_000).setReason("lapped"));

        assertThat(checker.outcome(new long[] {1_234}, -1).unannounced()).isZero();
        assertThat(checker.settled()).isEqualTo(1_234);
        assertThat(checker.lostDopplers()).isZero();
        later.remove().run();
        assertThat(said).containsExactly(ack(9));
    }

    @Test
    void aGapOfUnknownSizeAnnouncesNothing() {
        gap(Gap.newBuilder().setMark(9).setReason("link_down"));

        assertThat(checker.settled()).isZero();
        assertThat(checker.lostDopplers()).isZero();
    }

    @Test
    void wordOfALostDopplerIsCountedApart() {
        gap(Gap.newBuilder()
                .setMark(9)
                .setReason("doppler_lost")
                .setFirstMillis(1)
                .setLastMillis(2));

        assertThat(checker.settled()).isZero();
        assertThat(checker.lostDopplers()).isEqualTo(1);
    }

    @Test
    void whatIsNoMessageEndsTheConversation() {
        assertThatThrownBy(() -> conversation.take(new byte[] {5, 1}, 0, 2, 0))
                .isInstanceOf(FrameScanner.Malformed.class);
    }

    /** Has it take a batch of logs, and tells how many bytes that are. */
    private int logs(long mark, int count) {
        PreparedBatch batch = PreparedBatch.of(new int[count]);
        batch.stamp(PHASE, sent, 1_000_000);
        take(
                ToClient.newBuilder()
                        .setBatch(Batch.newBuilder().setMark(mark).setEnvelopes(count))
                        .build(),
                batch.bytes());
        return batch.bytes().length;
    }

    private void gap(Gap.Builder gap) {
        take(ToClient.newBuilder().setGap(gap).build(), new byte[0]);
    }

    /** Hands a message over from within an array, as the connection does. */
    private void take(MessageLite header, byte[] batch) {
        byte[] message = LinkFrame.encode(header, batch, 0, batch.length);
        byte[] amid = new byte[message.length + 7];
        System.arraycopy(message, 0, amid, 3, message.length);
        conversation.take(amid, 3, 3 + message.length, 5_000_000);
    }

    private static ToServer ack(long mark) {
        return ToServer.newBuilder().setAck(Ack.newBuilder().setMark(mark)).build();
    }

    private static ToServer credit(long bytes) {
        return ToServer.newBuilder()
                .setCredit(Credit.newBuilder().setBytes(bytes))
                .build();
    }
}
