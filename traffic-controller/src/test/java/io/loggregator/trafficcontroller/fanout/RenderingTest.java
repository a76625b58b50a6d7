package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.loggregator.stream.Tally;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/** Batches in, frames of v1 envelopes out, by filter or one by one. */
class RenderingTest {
    private static final int LOG = 0;
    private static final int COUNTER = 1;

    private final Tally skipped = new Tally();
    private final Tally cut = new Tally();
    private final Rendering rendering = new Rendering(skipped, cut);

    @Property(tries = 300)
    void aFilterTakesItsEnvelopesInOrder(@ForAll @Size(max = 30) List<@IntRange(max = 2) Integer> kinds)
            throws Exception {
        byte[] bytes = batch(kinds);
        Forms forms =
                new Forms(UnpooledByteBufAllocator.DEFAULT, rendering, new Tally()).over(bytes, 4, bytes.length - 1);
        try {
            for (Selection filter : List.of(Selection.ALL, Selection.LOGS, Selection.METRICS)) {
                List<String> wanted = new ArrayList<>();
                for (int i = 0; i < kinds.size(); i++) {
                    int kind = kinds.get(i);
                    // The third kind is an event, which v1 has no form for.
                    if (kind <= COUNTER && filter.takes(kind == LOG)) {
                        wanted.add(name(i));
                    }
                }
                Cut taken = forms.cut(Form.V1_FRAMES, new Choice(filter, Refinement.NONE));
                assertThat(taken.envelopes()).isEqualTo(wanted.size());
                assertThat(names(List.of(taken.bytes().retainedDuplicate())))
                        .as("%s", filter)
                        .isEqualTo(wanted);
            }
        } finally {
            forms.close();
        }
    }

    @Property(tries = 100)
    void eachEnvelopeHasAFrameOfItsOwn(@ForAll @Size(max = 600) List<@IntRange(max = 1) Integer> kinds)
            throws Exception {
        RenderedBatch batch = render(kinds);
        assertThat(batch.size()).isEqualTo(kinds.size());
        for (int i = 0; i < kinds.size(); i++) {
            assertThat(names(List.of(batch.envelope(i)))).containsExactly(name(i));
        }
        batch.release();
    }

    @Example
    void whatV1HasNoFormForIsCounted() {
        render(List.of(2, LOG, 2, COUNTER)).release();
        assertThat(rendering.size()).isEqualTo(2);
        assertThat(skipped.get()).isEqualTo(2);
    }

    @Example
    void aLineTooLongForAFrameIsCutAndCounted() throws Exception {
        byte[] bytes = EnvelopeBatch.newBuilder()
                .addBatch(Envelope.newBuilder()
                        .setSourceId("app")
                        .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("é".repeat(100_000)))))
                .build()
                .toByteArray();
        rendering.render(bytes, 0, bytes.length);
        RenderedBatch batch = rendering.share(UnpooledByteBufAllocator.DEFAULT);
        List<EventFactory.Envelope> envelopes = envelopes(List.of(batch.envelope(0)));
        batch.release();
        assertThat(envelopes.get(0).getSerializedSize())
                .isLessThanOrEqualTo(65_536)
                .isGreaterThan(65_500);
        assertThat(envelopes.get(0).getLogMessage().getMessage().isValidUtf8()).isTrue();
        assertThat(cut.get()).isEqualTo(1);
    }

    private RenderedBatch render(List<Integer> kinds) {
        byte[] bytes = batch(kinds);
        rendering.render(bytes, 4, bytes.length - 1);
        return rendering.share(UnpooledByteBufAllocator.DEFAULT);
    }

    /** Not at the start of its array, as on the link. */
    private static byte[] batch(List<Integer> kinds) {
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        for (int i = 0; i < kinds.size(); i++) {
            Envelope.Builder envelope =
                    batch.addBatchBuilder().setSourceId("app").putTags("origin", "test");
            switch (kinds.get(i)) {
                case LOG -> envelope.setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(name(i))));
                case COUNTER -> envelope.setCounter(Counter.newBuilder().setName(name(i)));
                default -> envelope.setEvent(Event.newBuilder().setTitle(name(i)));
            }
        }
        return ByteString.copyFromUtf8("head")
                .concat(batch.build().toByteString())
                .concat(ByteString.copyFromUtf8("x"))
                .toByteArray();
    }

    private static String name(int i) {
        return "n" + i + "-".repeat(i % 200);
    }

    private static List<String> names(List<ByteBuf> frames) throws Exception {
        List<String> names = new ArrayList<>();
        for (EventFactory.Envelope envelope : envelopes(frames)) {
            names.add(
                    envelope.hasLogMessage()
                            ? envelope.getLogMessage().getMessage().toStringUtf8()
                            : envelope.getCounterEvent().getName());
        }
        return names;
    }

    /** Takes over the references. */
    private static List<EventFactory.Envelope> envelopes(List<ByteBuf> frames) throws Exception {
        EmbeddedChannel client = new EmbeddedChannel(new WebSocket13FrameDecoder(false, false, 65_536));
        frames.forEach(client::writeInbound);
        List<EventFactory.Envelope> envelopes = new ArrayList<>();
        for (BinaryWebSocketFrame frame = client.readInbound(); frame != null; frame = client.readInbound()) {
            envelopes.add(EventFactory.Envelope.parseFrom(frame.content().nioBuffer()));
            frame.release();
        }
        client.finish();
        return envelopes;
    }
}
