package io.loggregator.doppler.dropsonde;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final int LARGEST = 20_000;
    private static final PartialFrames MEMORY = new PartialFrames(LARGEST);

    private final List<byte[]> taken = new ArrayList<>();
    private final byte[] scratch = new byte[LARGEST];
    private final Frames frames =
            new Frames(LARGEST, MEMORY, () -> {}, (bytes, length) -> taken.add(Arrays.copyOf(bytes, length)));

    @Test
    void framesAreTheSameHoweverTheirBytesAreCut() {
        Random random = new Random(1);
        List<byte[]> sent = new ArrayList<>();
        ByteBuf bytes = Unpooled.buffer();
        for (int i = 0; i < 500; i++) {
            byte[] frame = new byte[i % 7 == 0 ? 0 : random.nextInt(i % 5 == 0 ? LARGEST + 1 : 50)];
            random.nextBytes(frame);
            sent.add(frame);
            bytes.writeIntLE(frame.length).writeBytes(frame);
        }

        while (bytes.isReadable()) {
            int length = Math.min(bytes.readableBytes(), random.nextInt(3) == 0 ? 1 : random.nextInt(6_000));
            assertThat(frames.read(bytes.readSlice(length), scratch)).isEqualTo(-1);
        }

        assertThat(taken).containsExactlyElementsOf(sent);
        assertThat(frames.between()).isTrue();
    }

    @Test
    void aFrameEndsWithItsLastByte() {
        frames.read(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 1, 0, 0, 0}), scratch);
        assertThat(taken).containsExactly(new byte[0]);
        assertThat(frames.between()).isFalse();

        frames.read(Unpooled.wrappedBuffer(new byte[] {7}), scratch);

        assertThat(taken).containsExactly(new byte[0], new byte[] {7});
        assertThat(frames.between()).isTrue();
    }

    @Test
    void lengthsAreUnsignedAndLimited() {
        assertThat(frames.read(Unpooled.buffer().writeIntLE(LARGEST), scratch)).isEqualTo(-1);
        assertThat(new Frames(LARGEST, MEMORY, () -> {}, (bytes, length) -> {})
                        .read(Unpooled.buffer().writeIntLE(LARGEST + 1), scratch))
                .isEqualTo(LARGEST + 1);
        assertThat(new Frames(LARGEST, MEMORY, () -> {}, (bytes, length) -> {})
                        .read(Unpooled.buffer().writeIntLE(-1), scratch))
                .isEqualTo(0xFFFFFFFFL);
    }

    @Test
    void ofLargeFramesTheOneThatIsIncompleteForLongestGivesWay() {
        PartialFrames memory = new PartialFrames(25_000);
        List<String> ended = new ArrayList<>();
        Frames first = frames(memory, () -> ended.add("first"));
        Frames second = frames(memory, () -> ended.add("second"));
        assertThat(first.read(begun(15_000), scratch)).isEqualTo(Frames.GOES_ON);
        assertThat(second.read(begun(4_096), scratch)).isEqualTo(Frames.GOES_ON);
        assertThat(ended).as("so much each connection has").isEmpty();
        assertThat(second.read(Unpooled.wrappedBuffer(new byte[15_000]), scratch))
                .isEqualTo(Frames.GOES_ON);
        assertThat(ended).containsExactly("first");

        first.release();
        assertThat(memory.bytes()).isEqualTo(15_000);
        assertThat(second.read(Unpooled.wrappedBuffer(new byte[LARGEST - 19_096]), scratch))
                .isEqualTo(Frames.GOES_ON);
        assertThat(taken).containsExactly(new byte[LARGEST]);
        assertThat(memory.bytes()).isZero();
    }

    @Test
    void aFrameForWhichThereIsNoRoomAtAllIsNotWaitedFor() {
        PartialFrames memory = new PartialFrames(10_000);
        Frames only = frames(memory, () -> {});
        assertThat(only.read(begun(15_000), scratch)).isEqualTo(Frames.NO_ROOM);
        assertThat(memory.bytes()).isZero();
    }

    private Frames frames(PartialFrames memory, Runnable end) {
        return new Frames(LARGEST, memory, end, (bytes, length) -> taken.add(Arrays.copyOf(bytes, length)));
    }

    private static ByteBuf begun(int bytes) {
        return Unpooled.buffer().writeIntLE(LARGEST).writeBytes(new byte[bytes]);
    }
}
