package io.loggregator.stream.log;

import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import java.util.Arrays;

/**
 * Makes a segment smaller at the expense of those who use most of it: each source keeps as much as any other may, which
 * is all for the quiet ones, and of the others what came first, so that what goes of a source is one piece. Who is quiet does not
 * depend on how many there are. Reused.
 */
final class Thinning {
    /** What one source has in the segment. */
    private static final class Source {
        long bytes;
        long kept;
        /** Something of it goes, so whatever comes later does. */
        boolean cut;
    }

    private final BatchCursor cursor = new BatchCursor(false);
    private final Spares spares;
    private SourceTable<Source> sources = new SourceTable<>();
    private Source[] all = new Source[64];
    private int count;

    // For each envelope of the segment: whose it is, its size, whether it stays.
    private Source[] owners = new Source[1024];
    private int[] sizes = new int[1024];
    private boolean[] stays = new boolean[1024];

    /** @param spares where the arrays of what is left come from */
    Thinning(Spares spares) {
        this.spares = spares;
    }

    /**
     * Thins a whole segment.
     *
     * @param target how many bytes may stay, unless there are so many sources that have no more than {@code quiet}
     * @param quiet up to so many bytes a source keeps everything
     */
    Segment thin(Segment segment, int target, int quiet, Log.TrimListener listener) {
        int envelopes = read(segment);
        return cut(segment, envelopes, Math.max(quiet, level(target)), listener);
    }

    /** Thins a thinned segment, so that no source keeps more than a number of bytes. */
    Segment thinToLevel(Segment segment, int level, Log.TrimListener listener) {
        int envelopes = read(segment);
        return cut(segment, envelopes, level, listener);
    }

    private Segment cut(Segment segment, int envelopes, long level, Log.TrimListener listener) {
        byte[] data = spares.take(decide(envelopes, level), segment.data);
        int largest = largest();
        if (data == segment.data) {
            // As large as before: then nothing goes, and there is no use in trying that again.
            Arrays.fill(stays, 0, envelopes, true);
            largest = 0;
        }
        Segment thinned = rewrite(segment, new Segment(segment, data, largest), listener);
        Arrays.fill(owners, 0, envelopes, null);
        Arrays.fill(all, 0, count, null);
        count = 0;
        sources = new SourceTable<>();
        return thinned;
    }

    private int read(Segment segment) {
        int envelopes = 0;
        cursor.over(segment.data, 0, segment.bytes());
        while (cursor.next()) {
            if (envelopes == owners.length) {
                owners = Arrays.copyOf(owners, envelopes * 2);
                sizes = Arrays.copyOf(sizes, envelopes * 2);
                stays = Arrays.copyOf(stays, envelopes * 2);
            }
            Source source = source();
            int size = cursor.envelopeEnd() - cursor.recordStart();
            source.bytes += size;
            owners[envelopes] = source;
            sizes[envelopes++] = size;
        }
        return envelopes;
    }

    private Source source() {
        byte[] bytes = cursor.bytes();
        int from = cursor.sourceIdStart();
        int to = cursor.sourceIdEnd();
        Source source = sources.get(bytes, from, to, cursor.sourceIdHash());
        if (source == null) {
            source = new Source();
            sources.put(bytes, from, to, cursor.sourceIdHash(), source);
            if (count == all.length) {
                all = Arrays.copyOf(all, count * 2);
            }
            all[count++] = source;
        }
        return source;
    }

    /** How many bytes each source may keep, so that all together keep no more than {@code target}. */
    private long level(int target) {
        Arrays.sort(all, 0, count, (a, b) -> Long.compare(a.bytes, b.bytes));
        long left = target;
        for (int i = 0; i < count; i++) {
            long share = left / (count - i);
            if (all[i].bytes > share) {
                return share;
            }
            left -= all[i].bytes;
        }
        return Long.MAX_VALUE;
    }

    /** Marks what stays; returns how many bytes that is. */
    private int decide(int envelopes, long level) {
        int kept = 0;
        long target = 0;
        for (int i = 0; i < count; i++) {
            target += Math.min(all[i].bytes, level);
        }
        for (int i = 0; i < envelopes; i++) {
            Source source = owners[i];
            stays[i] = !source.cut && source.kept + sizes[i] <= level;
            if (stays[i]) {
                source.kept += sizes[i];
                kept += sizes[i];
            } else {
                source.cut = true;
            }
        }
        // Envelopes do not divide, so something is left over: for those who came first and got less than their share.
        for (int i = 0; i < envelopes; i++) {
            Source source = owners[i];
            if (!stays[i] && source.kept < level && kept + sizes[i] <= target) {
                source.kept = Math.max(level, source.kept + sizes[i]);
                stays[i] = true;
                kept += sizes[i];
            }
        }
        return kept;
    }

    /** What the source that keeps most keeps, at most. */
    private int largest() {
        long largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, all[i].kept);
        }
        return Math.toIntExact(largest);
    }

    private Segment rewrite(Segment segment, Segment thinned, Log.TrimListener listener) {
        int envelope = 0;
        for (int entry = 0; entry < segment.entries(); entry++) {
            cursor.over(segment.data, segment.start(entry), segment.end(entry));
            while (cursor.next()) {
                if (stays[envelope++]) {
                    thinned.keep(entry, cursor.bytes(), cursor.recordStart(), cursor.envelopeEnd(), cursor.isV1Log());
                } else {
                    listener.thinning(segment.position(entry), segment.arrival(entry), cursor);
                }
            }
            thinned.closeBatch(entry);
        }
        return thinned;
    }
}
