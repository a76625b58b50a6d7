package io.loggregator.doppler.egress;

import io.loggregator.stream.Tally;
import io.loggregator.stream.selection.Selection;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.v1.V1Renderer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Renders for all v1 subscribers of one lane. What those who want everything get is rendered once for all of them. Owned
 * by the lane.
 */
final class V1Lane {
    /** A larger log line is cut, anything else left out; what agents send is smaller by far. */
    static final int LARGEST_ENVELOPE = 1 << 20;

    private static final byte[] SYSTEM = {'s', 'y', 's', 't', 'e', 'm'};

    private final BatchRecords records = new BatchRecords();
    private final V1Renderer renderer = new V1Renderer(LARGEST_ENVELOPE);
    private final PayloadFrames frames = new PayloadFrames();
    private final Tally skipped = new Tally();
    private final Tally cut = new Tally();

    // What was rendered last for those who want everything: of which stretch of the log, and what came of it.
    private byte[] source;
    private int sourceFrom;
    private int sourceTo;
    private long sourceEnd = -1;
    private List<Message> shared = List.of();

    /** Envelopes that v1 cannot express, or that would be too large; from any thread. */
    long skipped() {
        return skipped.get();
    }

    /** Log lines cut to {@value #LARGEST_ENVELOPE} bytes; from any thread. */
    long cut() {
        return cut.get();
    }

    /** Messages for a subscriber that takes everything. */
    List<Message> everything(long end, byte[] bytes, int from, int to) {
        if (end != sourceEnd || bytes != source || from != sourceFrom || to != sourceTo) {
            shared = some(bytes, from, to, Selection.ALL, null, Message.MOST_ENVELOPES);
            source = bytes;
            sourceFrom = from;
            sourceTo = to;
            sourceEnd = end;
        }
        return shared;
    }

    /**
     * Messages of what a selection takes, judged by what v1 readers see.
     *
     * @param app whose envelopes are wanted, or null for all
     */
    List<Message> some(byte[] bytes, int from, int to, Selection selection, byte[] app, int mostEnvelopes) {
        frames.clear();
        records.over(bytes, from, to);
        while (records.next()) {
            int before = frames.count();
            if (renderer.render(bytes, records.start(), records.end(), frames) == 0) {
                skipped.add(1);
            } else if (!selection.takes(renderer.log()) || (app != null && !isOf(app, bytes))) {
                frames.cutTo(before);
            } else if (renderer.cut()) {
                cut.add(1);
            }
        }
        List<Message> messages = new ArrayList<>(1 + frames.count() / mostEnvelopes);
        frames.cut(mostEnvelopes, messages);
        return messages;
    }

    private boolean isOf(byte[] app, byte[] bytes) {
        return switch (renderer.route()) {
            case V1Renderer.ROUTE_SOURCE ->
                Arrays.equals(app, 0, app.length, bytes, renderer.routeStart(), renderer.routeEnd());
            case V1Renderer.ROUTE_UUID -> Arrays.equals(app, renderer.routeUuid());
            default -> Arrays.equals(app, SYSTEM);
        };
    }
}
