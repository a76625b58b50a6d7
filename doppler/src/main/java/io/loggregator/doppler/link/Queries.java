package io.loggregator.doppler.link;

import io.loggregator.link.v1.Query;
import io.vertx.core.Context;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Answers a link's queries one after the other, each when the link has room, so that what waits to be written stays
 * bounded. Owned by the socket's loop.
 */
final class Queries {
    /** More than these do not wait. */
    static final int MOST_WAITING = 1_000;

    private final Context loop;
    private final LinkSocket socket;
    private final List<LaneSide> sides;
    private final ArrayDeque<Query> waiting = new ArrayDeque<>();
    private boolean answering;

    Queries(Context loop, LinkSocket socket, List<LaneSide> sides) {
        this.loop = loop;
        this.socket = socket;
        this.sides = sides;
    }

    /** Takes a query; false if too many wait. */
    boolean add(Query query) {
        if (waiting.size() >= MOST_WAITING) {
            return false;
        }
        waiting.add(query);
        goOn();
        return true;
    }

    /** To be called when the link has room again. */
    void goOn() {
        if (!answering && !waiting.isEmpty() && socket.writable()) {
            answering = true;
            answer(waiting.poll(), 0);
        }
    }

    /** Lane after lane, so that the last message is the last lane's. */
    private void answer(Query query, int lane) {
        LaneSide side = sides.get(lane);
        boolean last = lane + 1 == sides.size();
        side.doppler().execute(() -> {
            side.answer(query, last);
            if (last) {
                loop.runOnContext(turn -> {
                    answering = false;
                    goOn();
                });
            } else {
                answer(query, lane + 1);
            }
        });
    }

    /** Forgets what waits: nobody is there to be answered. */
    void close() {
        waiting.clear();
    }
}
