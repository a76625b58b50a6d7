package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.Tally;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Share;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.JsonRenderer;
import io.loggregator.wire.v2.TagForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * One batch in all forms that are asked for, each made when first asked for. Reused from batch to batch; what it yields
 * is valid until {@link #close}, except for what was retained.
 */
final class Forms {
    private static final byte[] NOTHING = {};
    /** JSON of the largest message of a Doppler: each byte may take six. */
    private static final int LARGEST = 128 << 20;
    /** More than an ordinary batch, 128 KiB, takes in any form, so that its array is not grown anew each time. */
    private static final int KEPT = 1 << 20;

    private final ByteBufAllocator allocator;
    private final Rendering frames;
    private final Tally unrenderable;
    private final Map<Form, RenderedBatch> rendered = new EnumMap<>(Form.class);
    private final Outline outline = new Outline();
    private final TagForm preferred = new TagForm(true);
    private final TagForm deprecated = new TagForm(false);
    private final JsonRenderer json = new JsonRenderer();
    private final ByteSink sink = new ByteSink(LARGEST, KEPT);
    private final List<Cut> cuts = new ArrayList<>();
    private final BatchRecords records = new BatchRecords();
    private boolean outlined;
    private long number;
    private byte[] bytes = NOTHING;
    private int from;
    private int to;

    /** @param unrenderable counts envelopes that a form of v2 could not be made of */
    Forms(ByteBufAllocator allocator, Rendering frames, Tally unrenderable) {
        this.allocator = allocator;
        this.frames = frames;
        this.unrenderable = unrenderable;
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

    /** How many envelopes the batch has. */
    int size() {
        if (outlined) {
            return outline.size();
        }
        if (rendered.containsKey(Form.V1_FRAMES)) {
            return frames.envelopes();
        }
        records.over(bytes, from, to);
        int size = 0;
        while (records.next()) {
            size++;
        }
        return size;
    }

    /** Bytes of the batch as it came. */
    int length() {
        return to - from;
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
            case V2_PREFERRED -> tagged(preferred);
            case V2_DEPRECATED -> tagged(deprecated);
            case JSON -> json();
        };
    }

    private RenderedBatch asItIs() {
        Outline envelopes = outline();
        int[] ends = new int[envelopes.size()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = envelopes.end(i) - from;
        }
        // On the heap, because gRPC, which most of it goes to, copies once more from there only.
        return new RenderedBatch(allocator.heapBuffer(to - from).writeBytes(bytes, from, to - from), ends);
    }

    /** What has the form already is passed on: usually all of it, and then there is nothing to make. */
    private RenderedBatch tagged(TagForm form) {
        Outline envelopes = outline();
        int size = envelopes.size();
        int first = 0;
        while (first < size && form.has(bytes, envelopes.envelope(first), envelopes.end(first))) {
            first++;
        }
        if (first == size) {
            return of(Form.V2).shared();
        }
        sink.reset();
        int[] ends = new int[size];
        for (int i = 0; i < size; i++) {
            int start = envelopes.envelope(i);
            int end = envelopes.end(i);
            if (i < first || form.has(bytes, start, end)) {
                sink.raw(bytes, envelopes.start(i), end);
            } else if (!form.render(bytes, start, end, sink)) {
                // Better with its tags where they were than not at all.
                sink.raw(bytes, envelopes.start(i), end);
                unrenderable.add(1);
            }
            ends[i] = sink.end();
        }
        return new RenderedBatch(allocator.heapBuffer(sink.end()).writeBytes(sink.bytes(), 0, sink.end()), ends);
    }

    private RenderedBatch json() {
        Outline envelopes = outline();
        sink.reset();
        int[] ends = new int[envelopes.size()];
        for (int i = 0; i < ends.length; i++) {
            if (json.render(bytes, envelopes.envelope(i), envelopes.end(i), sink)) {
                sink.raw(',');
            } else {
                unrenderable.add(1);
            }
            ends[i] = sink.end();
        }
        return new RenderedBatch(allocator.directBuffer(sink.end()).writeBytes(sink.bytes(), 0, sink.end()), ends);
    }

    private Outline outline() {
        if (!outlined) {
            outline.over(bytes, from, to);
            outlined = true;
        }
        return outline;
    }

    /** What a choice leaves of the batch, in a form; the same for all readers with that choice. */
    Cut cut(Form form, Choice choice) {
        Cut known = choice.cut(form, number);
        if (known == null) {
            known = make(form, choice);
            cuts.add(known);
            choice.cut(form, number, known);
        }
        return known;
    }

    /** A part of that, for the one reader whose share it is. */
    Cut cut(Form form, Choice choice, Share share) {
        choice.of(number, outline());
        int size = outline.size();
        int selected = 0;
        int taken = 0;
        int[] times = new int[size];
        for (int i = 0; i < size; i++) {
            if (choice.selects(i) && share.takes(outline.at(i))) {
                selected += choice.selected(i);
                taken += choice.times(i);
                times[i] = choice.times(i);
            }
        }
        Cut cut = select(form, i -> times[i], selected, taken);
        cuts.add(cut);
        return cut;
    }

    private Cut make(Form form, Choice choice) {
        Selection selection = choice.selection();
        if (form == Form.V1_FRAMES && selection.byClassOnly() && !choice.isRefined()) {
            return byClass(selection);
        }
        choice.of(number, outline());
        if (choice.whole() && form != Form.V1_FRAMES) {
            RenderedBatch batch = of(form);
            return rendered(batch.whole(), batch, choice::times, choice.selected(), choice.taken());
        }
        return select(form, choice::times, choice.selected(), choice.taken());
    }

    /** The frames of a class of envelopes, for which the batch need not be looked at again. */
    private Cut byClass(Selection selection) {
        RenderedBatch batch = of(Form.V1_FRAMES);
        int taken = batch.size();
        if (!selection.takesEverything()) {
            taken = 0;
            for (int i = 0; i < batch.size(); i++) {
                taken += selection.takes(frames.isLog(i)) ? 1 : 0;
            }
        }
        ByteBuf part = taken == batch.size()
                ? batch.whole()
                : batch.select(i -> selection.takes(frames.isLog(i)) ? 1 : 0, allocator);
        return new Cut(part, taken, 0, 0, 0);
    }

    /** @param times how often each envelope of the batch is taken */
    private Cut select(Form form, IntUnaryOperator times, int selected, int taken) {
        if (taken == 0) {
            return new Cut(Unpooled.EMPTY_BUFFER, 0, selected, selected, 0);
        }
        RenderedBatch batch = of(form);
        if (form != Form.V1_FRAMES) {
            return rendered(batch.select(times, allocator), batch, times, selected, taken);
        }
        int expressed = 0;
        for (int i = 0; i < batch.size(); i++) {
            expressed += times.applyAsInt(frames.record(i));
        }
        ByteBuf part = batch.select(i -> times.applyAsInt(frames.record(i)), allocator);
        return new Cut(part, expressed, selected, selected - taken, 0);
    }

    private static Cut rendered(ByteBuf part, RenderedBatch batch, IntUnaryOperator times, int selected, int taken) {
        int unrendered = batch.unrendered(times);
        return new Cut(part, taken - unrendered, selected, selected - taken, unrendered);
    }
}
