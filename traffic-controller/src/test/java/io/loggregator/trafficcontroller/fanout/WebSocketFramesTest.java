package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What {@link WebSocketFrames} writes, read by Netty's decoder for clients. */
class WebSocketFramesTest {
    private static final int LARGEST = 300_000;

    @Property(tries = 200)
    void whatWasFramedIsDecodedEachInAFrameOfItsOwn(@ForAll("lengths") List<Integer> lengths, @ForAll long seed) {
        Random random = new Random(seed);
        WebSocketFrames frames = new WebSocketFrames();
        List<byte[]> envelopes = new ArrayList<>();
        for (int length : lengths) {
            byte[] envelope = new byte[length];
            random.nextBytes(envelope);
            envelopes.add(envelope);
            frames.append(envelope);
        }
        assertThat(decode(frames)).containsExactlyElementsOf(envelopes);
    }

    @Provide
    Arbitrary<List<Integer>> lengths() {
        return Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 125),
                        Arbitraries.integers().between(126, 65_535),
                        Arbitraries.integers().between(65_536, LARGEST),
                        Arbitraries.of(0, 125, 126, 65_535, 65_536))
                .list()
                .ofMaxSize(8);
    }

    @Example
    void eachSizeClassTakesTheShortestHead() {
        assertThat(headOf(0)).isEqualTo(2);
        assertThat(headOf(125)).isEqualTo(2);
        assertThat(headOf(126)).isEqualTo(4);
        assertThat(headOf(65_535)).isEqualTo(4);
        assertThat(headOf(65_536)).isEqualTo(10);
    }

    @Example
    void afterAResetNothingIsLeft() {
        WebSocketFrames frames = new WebSocketFrames();
        frames.append(new byte[70_000]);
        frames.reset();
        assertThat(decode(frames)).isEmpty();
        frames.append(new byte[] {1, 2, 3});
        assertThat(decode(frames)).containsExactly(new byte[] {1, 2, 3});
    }

    private static int headOf(int length) {
        WebSocketFrames frames = new WebSocketFrames();
        frames.append(new byte[length]);
        return frames.end() - length;
    }

    /** Frames must be whole, unfragmented and not masked, or the decoder or this fails. */
    private static List<byte[]> decode(WebSocketFrames frames) {
        EmbeddedChannel client = new EmbeddedChannel(new WebSocket13FrameDecoder(false, false, LARGEST));
        client.writeInbound(Unpooled.wrappedBuffer(frames.bytes(), 0, frames.end()));
        List<byte[]> decoded = new ArrayList<>();
        for (BinaryWebSocketFrame frame = client.readInbound(); frame != null; frame = client.readInbound()) {
            assertThat(frame.isFinalFragment()).isTrue();
            assertThat(frame.rsv()).isZero();
            byte[] payload = new byte[frame.content().readableBytes()];
            frame.content().readBytes(payload);
            frame.release();
            decoded.add(payload);
        }
        assertThat(client.finish()).as("something is left").isFalse();
        return decoded;
    }
}
