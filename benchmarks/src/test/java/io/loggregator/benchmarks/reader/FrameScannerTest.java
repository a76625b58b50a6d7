package io.loggregator.benchmarks.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FrameScannerTest {
    private static final int BINARY = 0x82;

    private final List<String> frames = new ArrayList<>();
    private final FrameScanner scanner = new FrameScanner(new FrameScanner.Sink() {
        @Override
        public void binary(byte[] bytes, int from, int to) {
            frames.add("binary " + (to - from) + " " + Arrays.hashCode(Arrays.copyOfRange(bytes, from, to)));
        }

        @Override
        public void ping(byte[] bytes, int from, int to) {
            frames.add("ping " + Arrays.toString(Arrays.copyOfRange(bytes, from, to)));
        }

        @Override
        public void close(byte[] bytes, int from, int to) {
            frames.add("close " + (to - from));
        }
    });

    @Property(tries = 300)
    void howTheBytesAreCutDoesNotMatter(
            @ForAll @Size(max = 8) List<@IntRange(max = 70_000) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 20_000) int step) {
        ByteBuf stream = Unpooled.buffer();
        List<String> expected = new ArrayList<>();
        for (int length : lengths) {
            byte[] payload = new byte[length];
            for (int i = 0; i < length; i++) {
                payload[i] = (byte) (i * 31 + length);
            }
            frame(stream, BINARY, payload);
            expected.add("binary " + length + " " + Arrays.hashCode(payload));
        }

        frames.clear();
        while (stream.isReadable()) {
            scanner.read(stream.readSlice(Math.min(step, stream.readableBytes())));
        }

        assertThat(frames).isEqualTo(expected);
    }

    @Test
    void tellsPingsAndClosesFromData() {
        ByteBuf stream = Unpooled.buffer();
        frame(stream, 0x89, new byte[] {1, 2});
        frame(stream, 0x8A, new byte[] {3});
        frame(stream, 0x88, new byte[] {3, (byte) 0xE8});

        scanner.read(stream);

        assertThat(frames).containsExactly("ping [1, 2]", "close 2");
    }

    @Test
    void refusesWhatNoServerOfOursSends() {
        assertMalformed(0x82, 0x80 | 1, 0, 0, 0, 0, 'x');
        assertMalformed(0x02, 1, 'x');
        assertMalformed(0x81, 1, 'x');
        assertMalformed(0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 1);
        assertMalformed(0x82, 127, 0, 0, 0, 0, 0x7F, 0, 0, 1);
    }

    private void assertMalformed(int... bytes) {
        FrameScanner fresh = new FrameScanner(null);
        ByteBuf stream = Unpooled.buffer();
        for (int part : bytes) {
            stream.writeByte(part);
        }
        assertThatThrownBy(() -> fresh.read(stream)).isInstanceOf(FrameScanner.Malformed.class);
    }

    private static void frame(ByteBuf stream, int head, byte[] payload) {
        stream.writeByte(head);
        if (payload.length < 126) {
            stream.writeByte(payload.length);
        } else if (payload.length < 65_536) {
            stream.writeByte(126).writeShort(payload.length);
        } else {
            stream.writeByte(127).writeLong(payload.length);
        }
        stream.writeBytes(payload);
    }
}
