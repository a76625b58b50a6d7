package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.Tally;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LagNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.wire.BatchCursor;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** One client that follows one app. At the head while its socket takes what comes, else behind, with a position. */
final class AppTail implements ClientSocket.Owner {
    /** Position of a tail that is at the head. */
    static final long AT_HEAD = Long.MAX_VALUE;

    private final String app;
    private final byte[] appBytes;
    private final AppTails tails;
    private final Refinement refinement;
    private final boolean refined;
    private final HeldBack heldBack;
    private final ClientCounters counters;
    private final PaceMeter meter;
    private final long since;
    private final long sinceMillis = System.currentTimeMillis();
    private ClientSocket socket;
    private long position = AT_HEAD;
    private long gap;
    /** Why the last of them will not come. */
    private String gapReason = "";
    /** Losses without a number that it is to be told of, by reason; null: none. */
    private Map<String, Loss> unnumbered;

    private final ToldLosses losses = new ToldLosses();
    private final ToldLags lags = new ToldLags();
    private boolean lagging;
    private long written;
    private long lastBatch;
    private Tally lossAtEnd;

    /** @param now as {@link System#nanoTime} */
    AppTail(String app, Refinement refinement, HeldBack heldBack, AppTails tails, ClientCounters counters, long now) {
        this.app = app;
        this.appBytes = app.getBytes(StandardCharsets.UTF_8);
        this.tails = tails;
        this.refinement = refinement;
        this.refined = !refinement.identity().isEmpty();
        this.heldBack = heldBack;
        this.counters = counters;
        this.since = now;
        this.meter = new PaceMeter(now);
    }

    /** Whether it does not want all of its app's envelopes. */
    boolean isRefined() {
        return refined;
    }

    /** Whether it wants the envelope of its app that the cursor is on; counts it if not. */
    boolean takes(BatchCursor cursor) {
        boolean takes = refinement.takes(cursor);
        if (!takes) {
            heldBack.add(1);
        }
        return takes;
    }

    /** As {@link ClientSocket#tick}. */
    boolean tick(long slowNanos, long now) {
        if (!behind()) {
            heldBack.tellIfDue(socket);
            if (socket.writable()) {
                meter.keepsUp(written, came(), now);
            }
        }
        return socket.tick(slowNanos);
    }

    /** How fast it was since it last kept up; once it has been given up, for what waits was counted then. */
    Pace pace(long now) {
        return meter.pace(written, came(), now);
    }

    private long came() {
        return written + losses.count() + gap;
    }

    String app() {
        return app;
    }

    boolean isPlatform() {
        return app.equals(AppTails.PLATFORM);
    }

    /** Whether the app's id is what lies at {@code bytes[from, to)}. */
    boolean is(byte[] bytes, int from, int to) {
        return Arrays.equals(appBytes, 0, appBytes.length, bytes, from, to);
    }

    /** Whether the batch of this number goes out now; asked for each of its envelopes, answered once. */
    boolean takesBatch(long batch) {
        if (batch != lastBatch) {
            if (!socket.writable()) {
                return false;
            }
            lastBatch = batch;
        }
        return true;
    }

    ClientSocket socket() {
        return socket;
    }

    void open(ClientSocket ownSocket) {
        this.socket = ownSocket;
        ownSocket.open();
    }

    boolean behind() {
        return position != AT_HEAD;
    }

    long position() {
        return position;
    }

    void position(long newPosition) {
        this.position = newPosition;
    }

    /** It is being closed by this side: what waits for it, and what still comes, is lost. */
    void givenUp(Tally lost) {
        lossAtEnd = lost;
    }

    /** Counts what is lost by its end; null if the client's own going would be the reason. */
    Tally lossAtEnd() {
        return lossAtEnd;
    }

    void write(ByteBuf frame) {
        counters.streamEgress.add(1);
        written++;
        socket.write(frame);
    }

    /** Notes that some will not come. */
    void lose(long count, String reason) {
        gap += count;
        gapReason = reason;
    }

    /** Notes that some will not come, nobody knows how many. */
    void lose(Loss someLoss) {
        if (unnumbered == null) {
            unnumbered = new LinkedHashMap<>();
        }
        unnumbered.merge(someLoss.reason(), someLoss, Loss::join);
    }

    /** When it came, as {@link System#nanoTime}. */
    long since() {
        return since;
    }

    /** Whether it is here since before the link of a run broke. */
    boolean mayHaveLost(BrokenOff.Run run) {
        return run.concerns(since);
    }

    /** Tells the client what it lost since it was told last, unless its socket is being closed. */
    void tellGap() {
        if (gap > 0) {
            long count = gap;
            gap = 0;
            write(Loss.numbered(count, gapReason));
        }
        if (unnumbered != null) {
            unnumbered.values().forEach(this::write);
            unnumbered = null;
        }
    }

    /** Whether it is far behind and was told, and has not caught up since. */
    boolean lagging() {
        return lagging;
    }

    void hasCaughtUp() {
        lagging = false;
    }

    /** Tells the client that it lags, at once, unless it was told not long ago; then this is to be called again. */
    void lag(Lag lag, long nowNanos) {
        if (lags.due(nowNanos) && !socket.closing()) {
            lagging = true;
            lags.told(nowNanos);
            counters.lagNotices.add(1);
            socket.tell(Notice.frames(new LagNotice(Selection.ALL, app, lag, lags.count(), socket.remote())));
        }
    }

    private void write(Loss loss) {
        counters.notices.add(1);
        losses.add(loss);
        socket.write(Notice.frames(Selection.ALL, app, loss.at(0, losses.count()), socket.remote()));
    }

    /** What is known of the client now. */
    ClientStanding clientStanding() {
        return new ClientStanding(
                "stream",
                "",
                app,
                "",
                socket.remote(),
                sinceMillis,
                written,
                losses.count(),
                losses.unnumbered(),
                Optional.ofNullable(losses.last()),
                lags.count(),
                lags.last(),
                socket.waitingBytes() + tails.behindBytes(this));
    }

    @Override
    public void writableAgain() {
        tails.writable(this);
    }

    @Override
    public void reached(long mark) {
        // Nothing can be sent again to an app stream, so nothing is asked.
    }

    @Override
    public boolean hasWaiting() {
        return behind();
    }

    @Override
    public void unresponsive() {
        tails.giveUp(this, counters.unresponsiveTails);
    }

    @Override
    public void violated() {
        counters.violations.add(1);
    }

    @Override
    public void ended() {
        tails.ended(this);
    }
}
