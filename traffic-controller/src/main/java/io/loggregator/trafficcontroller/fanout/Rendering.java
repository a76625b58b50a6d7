package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.Tally;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.v1.V1Renderer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/** Renders batches for v1 clients and says of each v1 envelope which app it belongs to. Reused from batch to batch. */
final class Rendering {
    /** What every client takes in one frame; cf-java-client's limit. */
    static final int LARGEST_FRAME = 65_536;

    private final BatchRecords records = new BatchRecords();
    private final V1Renderer renderer = new V1Renderer(LARGEST_FRAME);
    private final WebSocketFrames frames = new WebSocketFrames();
    private final Tally skipped;
    private final Tally cut;

    private int envelopes;
    private int size;
    private int[] ends = new int[256];
    private boolean[] logs = new boolean[256];
    private int[] numbers = new int[256];
    private int[] routes = new int[256];
    private int[] keyFrom = new int[256];
    private int[] keyTo = new int[256];
    /** Keys that are not in the batch itself: application ids of HTTP events, in canonical form. */
    private byte[] uuids = new byte[36 * 16];

    private int uuidsEnd;

    /**
     * @param skipped counts envelopes that v1 cannot express
     * @param cut counts log lines cut to fit into a frame
     */
    Rendering(Tally skipped, Tally cut) {
        this.skipped = skipped;
        this.cut = cut;
    }

    /** How many envelopes the batch had, whether v1 can express them or not. */
    int envelopes() {
        return envelopes;
    }

    /** Renders; what it yields is valid until the next call. */
    void render(byte[] bytes, int from, int to) {
        size = 0;
        uuidsEnd = 0;
        frames.reset();
        records.over(bytes, from, to);
        for (envelopes = 0; records.next(); envelopes++) {
            int count = renderer.render(bytes, records.start(), records.end(), frames);
            if (count == 0) {
                skipped.add(1);
                continue;
            }
            if (renderer.cut()) {
                cut.add(1);
            }
            note(envelopes);
        }
    }

    /** Several v1 envelopes of one v2 envelope go where it goes, so they are noted as one. */
    private void note(int number) {
        if (size == ends.length) {
            int room = size * 2;
            ends = Arrays.copyOf(ends, room);
            logs = Arrays.copyOf(logs, room);
            numbers = Arrays.copyOf(numbers, room);
            routes = Arrays.copyOf(routes, room);
            keyFrom = Arrays.copyOf(keyFrom, room);
            keyTo = Arrays.copyOf(keyTo, room);
        }
        ends[size] = frames.end();
        logs[size] = renderer.log();
        numbers[size] = number;
        routes[size] = renderer.route();
        if (renderer.route() == V1Renderer.ROUTE_SOURCE) {
            keyFrom[size] = renderer.routeStart();
            keyTo[size] = renderer.routeEnd();
        } else if (renderer.route() == V1Renderer.ROUTE_UUID) {
            byte[] uuid = renderer.routeUuid();
            if (uuidsEnd + uuid.length > uuids.length) {
                uuids = Arrays.copyOf(uuids, uuids.length * 2);
            }
            System.arraycopy(uuid, 0, uuids, uuidsEnd, uuid.length);
            keyFrom[size] = uuidsEnd;
            uuidsEnd += uuid.length;
            keyTo[size] = uuidsEnd;
        }
        size++;
    }

    int size() {
        return size;
    }

    /** Whether the i-th is a LogMessage. */
    boolean isLog(int i) {
        return logs[i];
    }

    /** Which envelope of the batch the i-th was made of, counted from 0. */
    int record(int i) {
        return numbers[i];
    }

    /** Which kind of key the i-th has, a {@code ROUTE_} constant of {@link V1Renderer}. */
    int route(int i) {
        return routes[i];
    }

    /** The array that the i-th's key lies in, given the batch it was rendered from. */
    byte[] keyBytes(int i, byte[] batch) {
        return routes[i] == V1Renderer.ROUTE_UUID ? uuids : batch;
    }

    int keyFrom(int i) {
        return keyFrom[i];
    }

    int keyTo(int i) {
        return keyTo[i];
    }

    /** The frames as a batch to be shared, in memory that sockets write from without copying. */
    RenderedBatch share(ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.directBuffer(Math.max(1, frames.end()));
        buffer.writeBytes(frames.bytes(), 0, frames.end());
        return new RenderedBatch(buffer, Arrays.copyOf(ends, size));
    }
}
