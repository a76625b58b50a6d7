package io.loggregator.doppler.egress;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.RateLimitedLog;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;

/** The streams that are open, and what they share. Usable from any thread. */
final class EgressStreams {
    private static final long CHECK_MILLIS = 1_000;

    private final List<DopplerLane> lanes;
    private final int most;
    private final Duration patience;
    private final RateLimitedLog log;
    private final EgressMemory memory;
    private final List<LaneGrants> grants;
    private final Future<?> watch;
    private final Set<EgressStream> open = ConcurrentHashMap.newKeySet();

    /**
     * @param most streams at a time
     * @param bytes that may wait for all of them
     * @param patience how long a stream's client may take nothing while all of that is used up
     * @param log for lines about losses
     */
    EgressStreams(List<DopplerLane> lanes, int most, long bytes, Duration patience, RateLimitedLog log) {
        this.patience = patience;
        this.lanes = lanes;
        this.most = most;
        this.log = log;
        this.memory = new EgressMemory(bytes, () -> open.forEach(EgressStream::roomForAll));
        this.grants = lanes.stream()
                .map(lane -> new LaneGrants(lane, memory, lanes.size()))
                .toList();
        this.watch = lanes.get(0).every(CHECK_MILLIS, this::endStalled);
    }

    List<DopplerLane> lanes() {
        return lanes;
    }

    LaneGrants grants(DopplerLane lane) {
        return grants.get(lane.index());
    }

    EgressMemory memory() {
        return memory;
    }

    RateLimitedLog log() {
        return log;
    }

    /** Whether one more may be opened; if so it must be {@link #add}ed. */
    boolean enter() {
        return memory.enter(most);
    }

    void add(EgressStream stream) {
        open.add(stream);
    }

    void remove(EgressStream stream) {
        if (open.remove(stream)) {
            memory.leave();
        }
    }

    /** Keeps clients that do not read from taking all the memory. */
    private void endStalled() {
        if (memory.isUsedUp()) {
            open.forEach(stream -> stream.endIfStalled(patience));
        }
    }

    /** Ends all with OK, each when it has been written what was offered to it. */
    CompletableFuture<Void> finish() {
        watch.cancel(false);
        return CompletableFuture.allOf(open.stream().map(EgressStream::finish).toArray(CompletableFuture<?>[]::new));
    }
}
