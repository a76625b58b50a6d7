package io.loggregator.node.accept;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How much each client has open of one kind on a port, all event loops together. Clients are told apart by their
 * addresses. Remembers those only that have something open. Usable from any thread.
 */
public final class PerClient {
    private final int most;
    private final ConcurrentMap<String, Integer> open = new ConcurrentHashMap<>();

    /** @param most of one client; 0: no limit */
    public PerClient(int most) {
        this.most = most;
    }

    /** Counts one more of a client in, which is to {@link #leave} when it ends; false, and it is not, if that were too many. */
    public boolean enter(String client) {
        while (most > 0) {
            Integer now = open.get(client);
            if (now == null ? open.putIfAbsent(client, 1) == null : now < most && open.replace(client, now, now + 1)) {
                return true;
            }
            if (now != null && now >= most) {
                return false;
            }
        }
        return true;
    }

    /** Counts one of a client out. */
    public void leave(String client) {
        open.computeIfPresent(client, (who, now) -> now == 1 ? null : Integer.valueOf(now - 1));
    }

    @Override
    public String toString() {
        return "at most " + most + ", of " + open;
    }
}
