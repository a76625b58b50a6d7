package io.loggregator.stream.recent;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.BareV1;
import io.loggregator.wire.v1.V1Renderer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What several keepers of the recent past had of one app, put together for v1 readers. */
public final class RecentAnswer {
    private final int largest;
    private final List<Found> found = new ArrayList<>();
    private long bytes;

    /** One v2 envelope. */
    private record Found(long timestamp, byte[] bytes) {
        /** Of a container metric. */
        long instance() {
            return ContainerGauge.instanceIndex(bytes, 0, bytes.length);
        }
    }

    /** @param largest bytes that are put together; of what a keeper had, parts with which they would be more are left out */
    public RecentAnswer(int largest) {
        this.largest = largest;
    }

    /** Whether it takes so many bytes more. */
    public boolean hasRoom(int more) {
        return bytes + more <= largest;
    }

    /** Adds batch bytes of what one had. */
    public void add(byte[] batch, int from, int to) {
        if (!hasRoom(to - from)) {
            return;
        }
        bytes += to - from;
        BatchCursor cursor = new BatchCursor(false).over(batch, from, to);
        while (cursor.next()) {
            found.add(new Found(
                    cursor.timestamp(), Arrays.copyOfRange(batch, cursor.envelopeStart(), cursor.envelopeEnd())));
        }
    }

    /**
     * The newest {@code limit} log lines (0: all), oldest first, as v1 envelopes that the renderer makes one by one as they
     * are taken.
     */
    public Iterator<byte[]> logs(int limit, V1Renderer renderer) {
        found.sort(Comparator.comparingLong(Found::timestamp));
        int from = limit > 0 ? Math.max(0, found.size() - limit) : 0;
        return render(found.subList(from, found.size()), true, renderer);
    }

    /** The newest container metric of each instance, by instance, as v1 envelopes that are made likewise. */
    public Iterator<byte[]> containerMetrics(V1Renderer renderer) {
        Map<Long, Found> newest = new TreeMap<>();
        for (Found metric : found) {
            newest.merge(metric.instance(), metric, (a, b) -> b.timestamp() > a.timestamp() ? b : a);
        }
        return render(new ArrayList<>(newest.values()), false, renderer);
    }

    private static Iterator<byte[]> render(List<Found> found, boolean logs, V1Renderer renderer) {
        return found.stream()
                .<byte[]>mapMulti((envelope, rendered) -> {
                    BareV1 out = new BareV1();
                    if (renderer.render(envelope.bytes(), 0, envelope.bytes().length, out) == 1
                            && renderer.log() == logs) {
                        rendered.accept(out.envelope(0));
                    }
                })
                .iterator();
    }
}
