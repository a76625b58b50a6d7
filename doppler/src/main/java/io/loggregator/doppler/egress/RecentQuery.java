package io.loggregator.doppler.egress;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.RecordSink;
import io.loggregator.stream.recent.RecentAnswer;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.V1Renderer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;

/** {@code RecentLogs} or {@code ContainerMetrics}: asks one lane after the other, and answers with what all of them had. */
final class RecentQuery extends OneRequest {
    /** Within what readers take; lanes with whose share it would be more are left out. */
    private static final int LARGEST_ANSWER = 8 << 20;

    private final List<DopplerLane> lanes;
    private final EgressMemory memory;
    private final Requests requests;
    private final boolean containerMetrics;
    private final int mostLogs;
    private final RecentAnswer answer = new RecentAnswer(LARGEST_ANSWER);
    private boolean over;
    private long charged;

    /**
     * @param memory which the call has been counted in to
     * @param mostLogs 0 and more
     */
    RecentQuery(
            ServerCall<byte[], byte[]> call,
            DopplerLane home,
            List<DopplerLane> lanes,
            EgressMemory memory,
            Requests requests,
            boolean containerMetrics,
            int mostLogs) {
        super(call, home);
        this.lanes = lanes;
        this.memory = memory;
        this.requests = requests;
        this.containerMetrics = containerMetrics;
        this.mostLogs = mostLogs;
    }

    @Override
    void requested(byte[] request) throws Requests.Invalid {
        byte[] app = requests.app(request).getBytes(StandardCharsets.UTF_8);
        ask(app, BatchCursor.hash(app, 0, app.length), 0);
    }

    private void ask(byte[] app, int hash, int index) {
        if (over) {
            return;
        }
        if (memory.isUsedUp()) {
            fail(Status.RESOURCE_EXHAUSTED.withDescription(
                    "too much waits to be read by others (DOPPLER_EGRESS_BYTES); try again"));
        } else if (index == lanes.size()) {
            answer();
        } else {
            DopplerLane lane = lanes.get(index);
            lane.execute(() -> {
                byte[] found = found(lane, app, hash);
                home().execute(() -> {
                    charge(found.length);
                    answer.add(found, 0, found.length);
                    ask(app, hash, index + 1);
                });
            });
        }
    }

    /** Batch bytes of what one lane has; on its loop. */
    private byte[] found(DopplerLane lane, byte[] app, int hash) {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        RecordSink sink = new RecordSink(batch, () -> {});
        if (containerMetrics) {
            lane.recent().containerMetrics(app, 0, app.length, hash, System.currentTimeMillis(), sink);
        } else if (mostLogs > 0) {
            lane.recent().recentLogs(app, 0, app.length, hash, mostLogs, sink);
        }
        return batch.toByteArray();
    }

    private void charge(long bytes) {
        if (!over) {
            charged += bytes;
            memory.add(bytes);
        }
    }

    private void answer() {
        PayloadFrames frames = new PayloadFrames();
        Iterator<byte[]> envelopes = containerMetrics
                ? answer.containerMetrics(new V1Renderer(V1Lane.LARGEST_ENVELOPE))
                : answer.logs(mostLogs, new V1Renderer(V1Lane.LARGEST_ENVELOPE));
        envelopes.forEachRemaining(frames::append);
        call().sendHeaders(new Metadata());
        call().sendMessage(frames.all());
        call().close(Status.OK, new Metadata());
    }

    @Override
    boolean isOver() {
        return over;
    }

    @Override
    void over() {
        if (!over) {
            over = true;
            memory.remove(charged);
            memory.leave();
        }
    }
}
