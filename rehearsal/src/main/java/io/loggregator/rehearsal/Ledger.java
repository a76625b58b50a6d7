package io.loggregator.rehearsal;

import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Samples;
import io.loggregator.rehearsal.traffic.Reader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is known of one rehearsal from the servers' side: what each run of a Doppler took in, and what is open since a kill. */
final class Ledger {
    private final Samples[] atBeginning = new Samples[Nodes.EACH];
    private final List<Samples> atLinkLosses = new ArrayList<>();
    private final boolean[] restarted = new boolean[Nodes.EACH];
    private long takenInByStopped;
    private Killed killed;
    private final Map<Reader, Long> acceptedWhenForgotten = new HashMap<>();
    private long sentBeforeTheyLeft;

    /** A Doppler that is gone, its last report, and up to where each source's logs were sent to it. */
    private record Killed(int doppler, Samples report, long[] sent, int app, long firstOpen) {}

    private Ledger() {}

    /** At the beginning of a rehearsal, while nothing is sent. */
    static Ledger begin(Nodes nodes) throws IOException, InterruptedException {
        Ledger ledger = new Ledger();
        for (int i = 0; i < Nodes.EACH; i++) {
            ledger.atBeginning[i] = nodes.ofDoppler(i);
        }
        return ledger;
    }

    /**
     * A Doppler was killed, and another run of it is there.
     *
     * @param report its last
     * @param sent logs of each source that it had been sent in this rehearsal
     * @param app that is followed
     * @param firstOpen the first log of that app which had not arrived by the report
     */
    void killed(int doppler, Samples report, long[] sent, int app, long firstOpen) {
        restarted[doppler] = true;
        killed = new Killed(doppler, report, sent, app, firstOpen);
    }

    /** Whether a Doppler was killed. */
    boolean isKilled() {
        return killed != null;
    }

    /** A Doppler was stopped in order, and another run of it is there. */
    void stopped(int doppler, long takenIn) {
        restarted[doppler] = true;
        takenInByStopped += takenIn - atBeginning[doppler].sum("ingress_total");
    }

    /**
     * Firehoses had been sent so much, and confirmed it, when their clients left for so long that the Dopplers forget them.
     *
     * @param sent logs of each source
     */
    void left(long[] sent) {
        sentBeforeTheyLeft = Arrays.stream(sent).sum();
    }

    /** Now they have: what was accepted so far is what those had that are forgotten, whatever became of it. */
    void forgotten(Nodes nodes, List<Reader> readers) throws IOException, InterruptedException {
        for (Reader reader : readers) {
            acceptedWhenForgotten.put(reader, accepted(nodes, reader));
        }
    }

    private static long accepted(Nodes nodes, Reader reader) throws IOException, InterruptedException {
        long accepted = 0;
        for (int i = 0; i < Nodes.EACH; i++) {
            accepted += nodes.ofDoppler(i).accepted(reader.subscriptionOrNull());
        }
        return accepted;
    }

    /** How much passed a firehose that was forgotten: what was sent since, and was not accepted for the new one. */
    long passed(Nodes nodes, Reader reader, long[] sent) throws IOException, InterruptedException {
        Long before = acceptedWhenForgotten.get(reader);
        return before == null ? 0 : Arrays.stream(sent).sum() - sentBeforeTheyLeft - (accepted(nodes, reader) - before);
    }

    /** How much of what was sent no Doppler took in. After a kill nobody knows, and it is among what is open. */
    long refused(Nodes nodes, long[] sent) throws IOException, InterruptedException {
        if (killed != null) {
            return 0;
        }
        long takenIn = takenInByStopped;
        for (int i = 0; i < Nodes.EACH; i++) {
            takenIn +=
                    nodes.ofDoppler(i).sum("ingress_total") - (restarted[i] ? 0 : atBeginning[i].sum("ingress_total"));
        }
        return Arrays.stream(sent).sum() - takenIn;
    }

    /** A link is dead or dying: what a firehose has not confirmed by now may have come over it, and not be known to have. */
    void linkLost(Nodes nodes) throws IOException, InterruptedException {
        for (int i = 0; i < Nodes.EACH; i++) {
            atLinkLosses.add(nodes.ofDoppler(i));
        }
    }

    /**
     * How much of what a reader was told that it lost may have arrived all the same: it was sent over a link or to a client
     * that ended without a confirmation, and the log was overwritten before they were back.
     */
    long mayHaveArrived(Nodes nodes, Reader reader) throws IOException, InterruptedException {
        String subscription = reader.subscriptionOrNull();
        if (subscription == null) {
            return 0;
        }
        long all = 0;
        for (Samples samples : atLinkLosses) {
            all += samples.pending(subscription);
        }
        for (int i = 0; i < Nodes.EACH; i++) {
            long before = restarted[i] ? 0 : atBeginning[i].unconfirmed(subscription);
            all += nodes.ofDoppler(i).unconfirmed(subscription) - before;
        }
        return all;
    }

    /**
     * How much may have come to a firehose twice: what the Dopplers did not know as confirmed, and sent once more.
     *
     * @return {@link Long#MAX_VALUE} if a Doppler is gone that would know
     */
    long sentAgain(Nodes nodes, String subscription) throws IOException, InterruptedException {
        long all = 0;
        for (int i = 0; i < Nodes.EACH; i++) {
            if (restarted[i]) {
                return Long.MAX_VALUE;
            }
            long now = nodes.ofDoppler(i).redelivered(subscription);
            long before = atBeginning[i].redelivered(subscription);
            // One that was forgotten counts from nothing.
            all += now < before ? now : now - before;
        }
        return all;
    }

    /**
     * How much a reader may miss without a word, because of a kill. Of a firehose all that the Doppler had been sent and its
     * last report does not tell as delivered; of an app stream what is missing after the last log that had arrived by then.
     */
    long uncertain(Reader reader) throws InterruptedException {
        if (killed == null) {
            return 0;
        }
        String subscription = reader.subscriptionOrNull();
        if (subscription == null) {
            return reader.missing(killed.app(), killed.firstOpen(), killed.sent()[killed.app()]);
        }
        long delivered =
                killed.report().delivered(subscription) - atBeginning[killed.doppler()].delivered(subscription);
        return Arrays.stream(killed.sent()).sum() - delivered;
    }
}
