package io.loggregator.benchmarks.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.stream.notice.LossNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.JsonRenderer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** Fed with what the product makes of the load. */
class SseScannerTest {
    private static final int PHASE = 3;

    private final Checker checker = new Checker(new Histogram(60_000_000, 3));
    private final LastEvent last = new LastEvent();
    private final SseScanner scanner = new SseScanner(checker, last);
    private final long[] sent = new long[2];

    @Property(tries = 200)
    void findsEveryLogHoweverTheBodyIsCut(@ForAll @IntRange(min = 1, max = 3_000) int step) {
        sent[0] = 0;
        sent[1] = 0;
        checker.begin(PHASE, 2);
        ByteBuf body = Unpooled.buffer();
        write(body, "id: AQ\ndata: " + json(load(0, 1, 0)) + "\n\n");
        write(body, "event: heartbeat\ndata: 1500000000\n\n: held back 3 lines\n");
        write(body, "id: AR\ndata: " + json(load(1)) + "\n\n");

        while (body.isReadable()) {
            scanner.read(body.readSlice(Math.min(step, body.readableBytes())), 77);
        }

        assertThat(checker.lastNanos()).isEqualTo(77);
        assertThat(last.id()).isEqualTo("AR");
        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(4, 4, 0, 0, 0, 0, 0));
    }

    @Test
    void countsAsAnnouncedWhatNoticesOfLossTellAmongLogs() {
        checker.begin(PHASE, 2);
        byte[] notice = new LossNotice(
                        Selection.of(List.of(new Selector("", BatchCursor.LOG, List.of())), false),
                        "system",
                        1_234,
                        5_000,
                        0,
                        0,
                        "lapped",
                        "x")
                .v2();
        byte[] logs = load(0);
        ByteBuf both = Unpooled.wrappedBuffer(notice, logs);
        byte[] batch = new byte[both.readableBytes()];
        both.readBytes(batch);

        ByteBuf body = Unpooled.buffer();
        write(body, "data: " + json(batch) + "\n\n");
        scanner.read(body, 0);

        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(1, 1, 0, 0, 0, 1_234, 1));
    }

    @Test
    void countsWhatIsNothingOfTheLoad() {
        checker.begin(PHASE, 2);
        ByteBuf body = Unpooled.buffer();
        write(body, "data: {\"batch\":[{\"log\":{\"payload\":\"aGVsbG8=\"}},{\"counter\":{\"name\":\"a\"}}]}\n\n");
        write(body, "data: {\"batch\":broken\n\n");

        scanner.read(body, 0);

        assertThat(checker.outcome(sent, -1).others()).isEqualTo(3);
    }

    @Test
    void anEventThatIsCutOffNeverWas() {
        checker.begin(PHASE, 2);
        ByteBuf body = Unpooled.buffer();
        write(body, "id: AQ\ndata: " + json(load(0)) + "\n\nid: AR\ndata: " + json(load(0)) + "\n");

        scanner.read(body, 0);

        assertThat(last.id()).isEqualTo("AQ");
        assertThat(checker.settled()).isEqualTo(1);
    }

    private byte[] load(int... sources) {
        PreparedBatch batch = PreparedBatch.of(sources);
        batch.stamp(PHASE, sent, 0);
        return batch.bytes();
    }

    private static String json(byte[] batch) {
        JsonRenderer renderer = new JsonRenderer();
        BatchCursor cursor = new BatchCursor(false).over(batch, 0, batch.length);
        StringBuilder json = new StringBuilder("{\"batch\":[");
        while (cursor.next()) {
            ByteSink sink = new ByteSink(1 << 16);
            assertThat(renderer.render(batch, cursor.envelopeStart(), cursor.envelopeEnd(), sink))
                    .isTrue();
            json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
                    .append(new String(sink.bytes(), 0, sink.end(), StandardCharsets.UTF_8));
        }
        return json + "]}";
    }

    private static void write(ByteBuf body, String text) {
        body.writeCharSequence(text, StandardCharsets.UTF_8);
    }
}
