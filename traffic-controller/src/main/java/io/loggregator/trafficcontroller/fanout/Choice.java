package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.wire.BatchCursor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * What a selection and a refinement leave of a batch, found once for all readers that choose alike. What it says is of the
 * last batch. Owned by the event loop.
 */
final class Choice {
    private static final int KINDS = 6;
    /** From so many sources on they are looked up by halving. */
    private static final int FEW = 8;

    /** How many have it; counted by {@link Choices}. */
    int readers;

    private final Selection selection;
    private final Refinement refinement;
    private final boolean refined;
    /** How many selectors take any envelope of a kind, where all selectors are of that sort; else null. */
    private final byte[] byKind;

    private final int kinds;
    /** Hashes of the only sources that can be wanted, ascending; null: any. */
    private final int[] sources;

    private final Map<Form, Cut> cuts = new EnumMap<>(Form.class);
    private long cutsOf;
    private long batch;
    private short[] times = new short[256];
    private short[] selects = new short[256];
    private int selected;
    private int taken;
    private boolean whole;

    Choice(Selection selection, Refinement refinement) {
        this.selection = selection;
        this.refinement = refinement;
        this.refined = !refinement.identity().isEmpty();
        this.byKind = byKind(selection);
        this.kinds = kinds(selection);
        this.sources = selection.sources().map(Choice::hashes).orElse(null);
    }

    private static byte[] byKind(Selection selection) {
        if (selection.selectors().isEmpty()) {
            return null;
        }
        byte[] byKind = new byte[KINDS];
        for (Selector selector : selection.selectors()) {
            if (!selector.sourceId().isEmpty()
                    || !selector.names().isEmpty()
                    || byKind[selector.kind()] == Byte.MAX_VALUE) {
                return null;
            }
            byKind[selector.kind()]++;
        }
        return byKind;
    }

    private static int kinds(Selection selection) {
        if (selection.selectors().isEmpty()) {
            return -1;
        }
        int kinds = 0;
        for (Selector selector : selection.selectors()) {
            kinds |= 1 << selector.kind();
        }
        return kinds;
    }

    private static int[] hashes(Set<String> sources) {
        return sources.stream()
                .map(source -> source.getBytes(StandardCharsets.UTF_8))
                .mapToInt(source -> BatchCursor.hash(source, 0, source.length))
                .sorted()
                .toArray();
    }

    /** What was made of it in a form for the batch of this number; null: nothing yet. */
    Cut cut(Form form, long number) {
        return cutsOf == number ? cuts.get(form) : null;
    }

    void cut(Form form, long number, Cut cut) {
        if (cutsOf != number) {
            cuts.clear();
            cutsOf = number;
        }
        cuts.put(form, cut);
    }

    Selection selection() {
        return selection;
    }

    Refinement refinement() {
        return refinement;
    }

    /** Whether not all that is selected is taken. */
    boolean isRefined() {
        return refined;
    }

    /** @param number of the batch; the same batch is looked at once */
    void of(long number, Outline outline) {
        if (batch == number) {
            return;
        }
        batch = number;
        int size = outline.size();
        if (times.length < size) {
            times = new short[Math.max(size, times.length * 2)];
            selects = new short[times.length];
        }
        selected = 0;
        taken = 0;
        boolean each = true;
        for (int i = 0; i < size; i++) {
            int count = count(outline, i);
            selects[i] = (short) count;
            selected += count;
            if (count > 0 && refined && !refinement.takes(outline.at(i))) {
                count = 0;
            }
            times[i] = (short) count;
            taken += count;
            each &= count == 1;
        }
        whole = each;
    }

    private int count(Outline outline, int i) {
        if (byKind != null) {
            return byKind[outline.kind(i)];
        }
        if ((kinds & 1 << outline.kind(i)) == 0 || (sources != null && !isOfSource(outline.sourceHash(i)))) {
            return 0;
        }
        return Math.min(Short.MAX_VALUE, selection.matches(outline.at(i)));
    }

    private boolean isOfSource(int hash) {
        if (sources.length > FEW) {
            return Arrays.binarySearch(sources, hash) >= 0;
        }
        for (int source : sources) {
            if (source == hash) {
                return true;
            }
        }
        return false;
    }

    /** How many times the i-th envelope is delivered. */
    int times(int i) {
        return times[i];
    }

    /** How many times the selection alone would have the i-th envelope delivered. */
    int selected(int i) {
        return selects[i];
    }

    boolean selects(int i) {
        return selects[i] > 0;
    }

    /** Envelopes that the selection takes, each as often as it does. */
    int selected() {
        return selected;
    }

    /** Those of them that the refinement takes, too. */
    int taken() {
        return taken;
    }

    /** Whether every envelope is delivered once. */
    boolean whole() {
        return whole;
    }
}
