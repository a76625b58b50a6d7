package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Form;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One batch in all forms that are asked for, each made when first asked for. Reused from batch to batch; what it yields
 * is valid until {@link #close}, except for what was retained.
 */
final class Forms {
    private static final byte[] NOTHING = {};

    private final ByteBufAllocator allocator;
    private final Rendering frames;
    private final Map<Form, RenderedBatch> rendered = new EnumMap<>(Form.class);
    private final Outline outline = new Outline();
    private final List<Cut> cuts = new ArrayList<>();
    private boolean outlined;
    private long number;
    private byte[] bytes = NOTHING;
    private int from;
    private int to;

    Forms(ByteBufAllocator allocator, Rendering frames) {
        this.allocator = allocator;
        this.frames = frames;
    }

    /** Starts with a batch. */
    Forms over(byte[] batch, int start, int end) {
        bytes = batch;
        from = start;
        to = end;
        number++;
        return this;
    }

    /** Lets go of everything. */
    void close() {
        rendered.values().forEach(RenderedBatch::release);
        rendered.clear();
        for (int i = 0; i < cuts.size(); i++) {
            cuts.get(i).bytes().release();
        }
        cuts.clear();
        outlined = false;
        bytes = NOTHING;
    }

    /** How v1 clients' frames came out; after {@link #of} them. */
    Rendering frames() {
        return frames;
    }

    /** The whole batch in a form. */
    RenderedBatch of(Form form) {
        RenderedBatch known = rendered.get(form);
        if (known == null) {
            known = render(form);
            rendered.put(form, known);
        }
        return known;
    }

    private RenderedBatch render(Form form) {
        return switch (form) {
            case V1_FRAMES -> {
                frames.render(bytes, from, to);
                yield frames.share(allocator);
            }
            case V2 -> asItIs();
            default -> throw new UnsupportedOperationException("no renderer for " + form);
        };
    }

    private RenderedBatch asItIs() {
        Outline envelopes = outline();
        int[] ends = new int[envelopes.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = envelopes.end(i) - from;
        }
        return new RenderedBatch(allocator.directBuffer(to - from).writeBytes(bytes, from, to - from), ends);
    }

    private Outline outline() {
        if (!outlined) {
            outline.over(bytes, from, to);
            outlined = true;
        }
        return outline;
    }

    /** What a choice leaves of the batch, in a form. */
    Cut cut(Form form, Choice choice) {
        Cut known = choice.cut(form, number);
        if (known == null) {
            known = form == Form.V1_FRAMES ? cutFrames(choice) : cutV2(form, choice);
            cuts.add(known);
            choice.cut(form, number, known);
        }
        return known;
    }

    private Cut cutV2(Form form, Choice choice) {
        choice.of(number, outline());
        int held = choice.selected() - choice.taken();
        if (choice.taken() == 0) {
            return new Cut(allocator.directBuffer(0), 0, choice.selected(), held);
        }
        RenderedBatch batch = of(form);
        ByteBuf part = choice.whole() ? batch.whole() : batch.select(choice::times, allocator);
        return new Cut(part, choice.taken(), choice.selected(), held);
    }

    /** Several v1 envelopes of one envelope count as one. */
    private Cut cutFrames(Choice choice) {
        RenderedBatch batch = of(Form.V1_FRAMES);
        Selection selection = choice.selection();
        if (choice.isRefined() || !selection.byClassOnly()) {
            choice.of(number, outline());
            int taken = 0;
            for (int i = 0; i < batch.size(); i++) {
                taken += choice.times(frames.record(i));
            }
            ByteBuf part = batch.select(i -> choice.times(frames.record(i)), allocator);
            return new Cut(part, taken, 0, choice.selected() - choice.taken());
        }
        if (selection.takesEverything()) {
            return new Cut(batch.whole(), batch.size(), 0, 0);
        }
        int taken = 0;
        for (int i = 0; i < batch.size(); i++) {
            taken += selection.takes(frames.isLog(i)) ? 1 : 0;
        }
        ByteBuf part = taken == batch.size()
                ? batch.whole()
                : batch.select(i -> selection.takes(frames.isLog(i)) ? 1 : 0, allocator);
        return new Cut(part, taken, 0, 0);
    }
}
