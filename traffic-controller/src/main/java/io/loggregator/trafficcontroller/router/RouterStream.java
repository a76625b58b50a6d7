package io.loggregator.trafficcontroller.router;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.loggregator.stream.Tally;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One stream of envelopes from a Doppler, opened again whenever it ends. Since a Doppler of the Go release keeps nothing
 * for a stream that is not there, each time is announced as a loss of unknown size, and so is its end if the Doppler is gone
 * for good. On the session's event loop.
 */
abstract class RouterStream {
    private static final long FIRST_PAUSE_MILLIS = 1;
    private static final int PAUSE_GROWTH = 10;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    /** A stream that lived as long was a good one, even if nothing came. */
    private static final long SOUND_NANOS = TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS);

    /** What a Doppler says to what it will not take or does not have. Only another Doppler, or one that is replaced, might. */
    private static final Set<Status.Code> REFUSALS =
            EnumSet.of(Status.Code.INVALID_ARGUMENT, Status.Code.UNIMPLEMENTED, Status.Code.PERMISSION_DENIED);

    private final RouterSession session;
    private final Tally open;
    /** Null while there is none. */
    private ClientCall<byte[], byte[]> call;
    /** Where the call is. */
    private Channels.Line line;

    private boolean reading;
    private boolean wanted;
    /** Whether something may be missing after what was received last. */
    private boolean missing;
    /** Whether that was told. */
    private boolean told;

    private long opened;
    private long pause = FIRST_PAUSE_MILLIS;
    private long timer;
    private boolean pausing;

    /** @param open counts it while it is open */
    RouterStream(RouterSession session, Tally open) {
        this.session = session;
        this.open = open;
    }

    /** Whether a stream that ended so was not served at all. */
    static boolean refuses(Status status) {
        return REFUSALS.contains(status.getCode());
    }

    abstract MethodDescriptor<byte[], byte[]> method();

    abstract byte[] request();

    /** Takes a message. */
    abstract void received(byte[] message);

    /** An unknown number of envelopes will not come. */
    abstract void lost();

    /** Whether another message may come now. */
    abstract boolean takesMore();

    final RouterSession session() {
        return session;
    }

    /** Has it open from now on, as soon as the Doppler is connected. */
    final void start() {
        wanted = true;
        if (session.isConnected()) {
            open();
        } else {
            missing = true;
        }
    }

    /** Notes that something may be missing before what comes first. */
    final void miss() {
        missing = true;
    }

    /** The Doppler is connected, again perhaps. */
    final void connected() {
        open();
    }

    /** The Doppler is not connected, and never will be again: what may be missing now is. */
    final void giveUp() {
        if (wanted && (missing || call != null) && !told) {
            tellMissing();
        }
    }

    private void tellMissing() {
        told = true;
        session.counters().unknownLosses.add(1);
        lost();
    }

    /** Ends it; nothing comes any more. */
    final void end() {
        wanted = false;
        missing = true;
        stopPausing();
        ClientCall<byte[], byte[]> ended = call;
        if (ended != null) {
            over();
            ended.cancel("not needed any more", null);
        }
    }

    /** Reads on if it had stopped for want of room. */
    final void readOn() {
        if (call != null && !reading && takesMore()) {
            reading = true;
            call.request(1);
        }
    }

    private void stopPausing() {
        if (pausing) {
            pausing = false;
            session.vertx().cancelTimer(timer);
        }
    }

    private void open() {
        stopPausing();
        if (!wanted || call != null) {
            return;
        }
        if (missing && !told) {
            tellMissing();
        }
        opened = System.nanoTime();
        line = session.channels().take();
        ClientCall<byte[], byte[]> next = line.channel().newCall(method(), CallOptions.DEFAULT);
        call = next;
        open.add(1);
        next.start(new Answers(next), new Metadata());
        next.sendMessage(request());
        next.halfClose();
        reading = true;
        next.request(1);
    }

    private void over() {
        call = null;
        open.add(-1);
        session.channels().giveBack(line);
    }

    private void closed(Status status) {
        over();
        missing = true;
        if (refuses(status)) {
            session.streamRefused(method().getFullMethodName(), status);
            pause = LONGEST_PAUSE_MILLIS;
        } else {
            session.streamEnded(method().getFullMethodName(), status);
            if (System.nanoTime() - opened >= SOUND_NANOS) {
                pause = FIRST_PAUSE_MILLIS;
            }
        }
        if (session.isConnected()) {
            pausing = true;
            timer = session.vertx().setTimer(ThreadLocalRandom.current().nextLong(pause, pause * 2), again -> {
                pausing = false;
                // Without a connection it waits for that.
                if (session.isConnected()) {
                    open();
                }
            });
            pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MILLIS);
        }
    }

    /** What a call brings; a call that was given up brings nothing. */
    private final class Answers extends ClientCall.Listener<byte[]> {
        private final ClientCall<byte[], byte[]> of;

        Answers(ClientCall<byte[], byte[]> of) {
            this.of = of;
        }

        @Override
        public void onMessage(byte[] message) {
            if (call != of) {
                return;
            }
            missing = false;
            told = false;
            pause = FIRST_PAUSE_MILLIS;
            reading = false;
            received(message);
            if (call == of) {
                readOn();
                if (!reading) {
                    session.counters().paused.add(1);
                }
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (call == of) {
                closed(status);
            }
        }
    }
}
