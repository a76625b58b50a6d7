package io.loggregator.doppler.egress;

import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LagNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.stream.selection.Share;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.BatchRecords;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One subscription to v2 envelopes at one lane: the log's bytes as they are, cut into messages. */
final class V2Form implements Form {
    private static final String PLATFORM = "system";

    private final Selection selection;
    private final boolean overlapping;
    private final BatchRecords records = new BatchRecords();
    private final BatchCursor cursor = new BatchCursor(false);

    /** @param selection by selectors */
    V2Form(Selection selection) {
        this.selection = selection;
        this.overlapping = overlapping(selection.selectors());
    }

    /** Whether an envelope can be taken by two of the selectors; also true where only names keep them apart. */
    private static boolean overlapping(List<Selector> selectors) {
        Set<Selector> seen = new HashSet<>();
        int[] ofAKind = new int[BatchCursor.EVENT + 1];
        boolean[] ofAnySource = new boolean[BatchCursor.EVENT + 1];
        boolean overlap = false;
        for (Selector selector : selectors) {
            ofAKind[selector.kind()]++;
            ofAnySource[selector.kind()] |= selector.sourceId().isEmpty();
            overlap |= !seen.add(new Selector(selector.sourceId(), selector.kind(), List.of()))
                    || (ofAnySource[selector.kind()] && ofAKind[selector.kind()] > 1);
        }
        return overlap;
    }

    @Override
    public List<Message> messages(long end, byte[] bytes, int from, int to, Share share) {
        if (!overlapping && share.count() == 1) {
            return cut(bytes, from, to);
        }
        byte[] repeated = repeat(bytes, from, to, share);
        return cut(repeated, 0, repeated.length);
    }

    /** Each envelope of the share as many times as selectors take it. */
    private byte[] repeat(byte[] bytes, int from, int to, Share share) {
        ByteArrayOutputStream copies = new ByteArrayOutputStream(to - from);
        cursor.over(bytes, from, to);
        while (cursor.next()) {
            for (int left = share.takes(cursor) ? selection.matches(cursor) : 0; left > 0; left--) {
                copies.write(bytes, cursor.recordStart(), cursor.envelopeEnd() - cursor.recordStart());
            }
        }
        return copies.toByteArray();
    }

    private List<Message> cut(byte[] bytes, int from, int to) {
        List<Message> messages = new ArrayList<>(2);
        int start = from;
        int end = from;
        int envelopes = 0;
        records.over(bytes, from, to);
        while (records.next()) {
            if (envelopes == Message.MOST_ENVELOPES || (envelopes > 0 && records.end() - start > Message.LARGEST)) {
                messages.add(new Message(Arrays.copyOfRange(bytes, start, end), envelopes));
                start = end;
                envelopes = 0;
            }
            end = records.end();
            envelopes++;
        }
        if (envelopes > 0) {
            messages.add(new Message(Arrays.copyOfRange(bytes, start, end), envelopes));
        }
        return messages;
    }

    @Override
    public List<Message> notice(Gap gap, long total, String client) {
        byte[] batch = Form.lossNotice(selection, source(), gap, total, client).v2();
        return cut(batch, 0, batch.length);
    }

    @Override
    public List<Message> notice(Lag lag, long total, String client) {
        byte[] batch = new LagNotice(selection, source(), lag, total, client).v2();
        return cut(batch, 0, batch.length);
    }

    /** What notices are put under. */
    private String source() {
        return selection.sources().filter(sources -> sources.size() == 1).stream()
                .flatMap(Set::stream)
                .findFirst()
                .orElse(PLATFORM);
    }
}
