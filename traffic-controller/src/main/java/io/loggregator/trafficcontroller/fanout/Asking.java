package io.loggregator.trafficcontroller.fanout;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Asks firehose clients for confirmation, all that have something to confirm at once, a moment later. */
final class Asking {
    private final Runnable schedule;
    private final Set<FirehoseClient> toAsk = new LinkedHashSet<>();

    /** @param schedule has {@link #askAll} called a moment later */
    Asking(Runnable schedule) {
        this.schedule = schedule;
    }

    void askLater(FirehoseClient client) {
        if (toAsk.isEmpty()) {
            schedule.run();
        }
        toAsk.add(client);
    }

    void forget(FirehoseClient client) {
        toAsk.remove(client);
    }

    void askAll() {
        List<FirehoseClient> now = new ArrayList<>(toAsk);
        toAsk.clear();
        now.forEach(FirehoseClient::ask);
    }
}
