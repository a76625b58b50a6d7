package io.loggregator.cli.client;

import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/** Reads a stream for as long as its consumer wants, connecting again by itself whenever the connection ends. */
public final class Follower {
    /** Opens the stream to follow. */
    @FunctionalInterface
    public interface Source {
        /** A fresh connection. */
        Arrivals open() throws Refused, Unreachable, InterruptedException;
    }

    /** So many envelopes are gathered at most before those that were printed count as handled. */
    private static final int GATHERED = 1_000;

    /** Receives what the stream carries. */
    public interface Sink {
        /** One serialized v1 envelope. Returns whether more are wanted. */
        boolean envelope(byte[] envelope) throws IOException;

        /** One serialized v2 envelope. Returns whether more are wanted. */
        boolean envelopeV2(byte[] envelope) throws IOException;

        /** Nothing more has arrived for now. */
        void idle() throws IOException;
    }

    private final Source source;
    private final Backoff backoff;
    private final boolean patient;
    private final Consumer<String> notices;

    /**
     * With {@code patient} the first connection may fail like any other, without it that is the end. {@code notices}
     * hears of lost connections and new ones.
     */
    public Follower(Source source, Backoff backoff, boolean patient, Consumer<String> notices) {
        this.source = source;
        this.backoff = backoff;
        this.patient = patient;
        this.notices = notices;
    }

    /**
     * Returns when the sink wants no more.
     *
     * @throws Refused if the server says no, also to a later connection
     * @throws Unreachable if the first connection fails, unless patient
     * @throws IOException from the sink
     */
    public void follow(Sink sink) throws Refused, Unreachable, IOException, InterruptedException {
        boolean connectedBefore = false;
        boolean lost = false;
        while (true) {
            String trouble;
            try (Arrivals stream = source.open()) {
                if (lost) {
                    notices.accept("connected again");
                }
                connectedBefore = true;
                if (!drain(stream, sink)) {
                    return;
                }
                trouble = stream.endReason();
            } catch (Unreachable failed) {
                if (!connectedBefore && !patient) {
                    throw failed;
                }
                trouble = failed.getMessage();
            }
            lost = true;
            long pause = backoff.nextMillis();
            notices.accept(String.format(Locale.ROOT, "%s; trying again in %.1f s", trouble, pause / 1000.0));
            Thread.sleep(pause);
        }
    }

    /** True when the connection ended, false when the sink wants no more. */
    private boolean drain(Arrivals stream, Sink sink) throws IOException, InterruptedException {
        int gathered = 0;
        while (true) {
            byte[] envelope = gathered < GATHERED ? stream.poll() : null;
            if (envelope == null) {
                sink.idle();
                stream.handled();
                gathered = 0;
                envelope = stream.take();
                if (envelope == null) {
                    return true;
                }
            }
            gathered++;
            // Only what delivers is a success: a server that closes at once is not to be hammered.
            backoff.reset();
            if (!(stream.isV2() ? sink.envelopeV2(envelope) : sink.envelope(envelope))) {
                sink.idle();
                stream.handled();
                return false;
            }
        }
    }
}
