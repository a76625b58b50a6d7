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
    /** By reader, then Doppler: what was accepted for who is forgotten, or not to be. */
    private final Map<Reader, long[]> acceptedBefore = new HashMap<>();

    private long[] sentBeforeTheyLeft = {};
    private boolean givenUp;
    private boolean forgottenAreTold;
    /** Of each source; null if everybody was heard of all the time. */
    private long[] sentUntilHeardOrNull;

    /** A Doppler that is gone, its last report, and up to where each source's logs were sent to it. */
    private record Killed(int doppler, Samples report, long[] sent, long firstOpen) {}

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
     * @param firstOpen the first log of the app that is followed which had not arrived by the report
     */
    void killed(int doppler, Samples report, long[] sent, long firstOpen) {
        restarted[doppler] = true;
        killed = new Killed(doppler, report, sent, firstOpen);
    }

    /** A Traffic Controller has taken a Doppler for lost, and told all its readers so, of which each has one client there. */
    void givenUp() {
        givenUp = true;
    }

    /** How often a reader has to be told that a Doppler is lost: each client of a Traffic Controller that had a link to it. */
    int lostDopplersDue(Reader reader) {
        if (givenUp) {
            return 1;
        }
        return killed == null ? 0 : reader.clients();
    }

    /**
     * A Traffic Controller that had not been heard of for too long is heard again; so far so much was sent, and who follows an
     * app there may miss what was sent since {@link #left}.
     *
     * @param sent logs of each source
     */
    void heardAgain(long[] sent) {
        sentUntilHeardOrNull = sent;
    }

    /** Clients have come back to subscriptions that were forgotten. */
    void forgottenAreTold() {
        forgottenAreTold = true;
    }

    /** Whether a reader that misses something has to be told so, though nobody knows how much it is. */
    boolean isToBeTold(Reader reader) {
        // Nobody knows that an app stream will come back.
        return sentUntilHeardOrNull != null || (forgottenAreTold && reader.ledgerOrNull() != null);
    }

    /** A Doppler was stopped in order, and another run of it is there. */
    void stopped(int doppler, long takenIn) {
        restarted[doppler] = true;
        takenInByStopped += takenIn - atBeginning[doppler].sum("ingress_total");
    }

    /**
     * Readers had been sent so much, and confirmed it, when they left for so long that Dopplers forget them.
     *
     * @param sent logs of each source
     */
    void left(Nodes nodes, List<Reader> readers, long[] sent) throws IOException, InterruptedException {
        sentBeforeTheyLeft = sent;
        for (Reader reader : readers) {
            long[] accepted = new long[Nodes.EACH];
            for (int i = 0; i < Nodes.EACH; i++) {
                accepted[i] = nodes.ofDoppler(i).accepted(reader.ledgerOrNull());
            }
            acceptedBefore.put(reader, accepted);
        }
    }

    /** Now one has: what it accepted so far is what those had that are forgotten, whatever became of it. */
    void forgotten(Nodes nodes, int doppler) throws IOException, InterruptedException {
        Samples samples = nodes.ofDoppler(doppler);
        acceptedBefore.forEach((reader, accepted) -> accepted[doppler] = samples.accepted(reader.ledgerOrNull()));
    }

    /** How much passed a reader that was forgotten: what was sent since it left, and was not accepted for the new one. */
    long passed(Nodes nodes, Reader reader, long[] sent) throws IOException, InterruptedException {
        long[] before = acceptedBefore.get(reader);
        if (before == null) {
            return 0;
        }
        long passed = sum(sent) - sum(sentBeforeTheyLeft);
        for (int i = 0; i < Nodes.EACH; i++) {
            passed -= nodes.ofDoppler(i).accepted(reader.ledgerOrNull()) - before[i];
        }
        return passed;
    }

    private static long sum(long[] sent) {
        return Arrays.stream(sent).sum();
    }

    /** Whether every Doppler has run all the time. */
    boolean isOfOneRun() {
        for (boolean again : restarted) {
            if (again) {
                return false;
            }
        }
        return true;
    }

    /** How many datagrams the kernel had no room for, as the Dopplers say. */
    long droppedByKernel(Nodes nodes) throws IOException, InterruptedException {
        long dropped = 0;
        for (int i = 0; i < Nodes.EACH; i++) {
            dropped += UdpAgents.dropped(nodes.ofDoppler(i)) - (restarted[i] ? 0 : UdpAgents.dropped(atBeginning[i]));
        }
        return dropped;
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
        return sum(sent) - takenIn;
    }

    /** A link is dead or dying: what a firehose has not confirmed by now may have come over it, and not be known to have. */
    void linkLost(Nodes nodes) throws IOException, InterruptedException {
        for (int i = 0; i < Nodes.EACH; i++) {
            atLinkLosses.add(nodes.ofDoppler(i));
        }
    }

    /**
     * How much of what a reader was told that it lost may have arrived all the same, or been told twice: it was sent over a
     * link or to a client that ended without a confirmation, and the log was overwritten before they were back, or it was word
     * of a loss.
     */
    long mayHaveArrived(Nodes nodes, Reader reader) throws IOException, InterruptedException {
        String subscription = reader.ledgerOrNull();
        if (subscription == null) {
            return 0;
        }
        long all = 0;
        for (Samples samples : atLinkLosses) {
            all += samples.pending(subscription);
        }
        for (int i = 0; i < Nodes.EACH; i++) {
            all += announcedAgain(nodes.ofDoppler(i), subscription);
            all -= restarted[i] ? 0 : announcedAgain(atBeginning[i], subscription);
        }
        return all;
    }

    private static long announcedAgain(Samples samples, String subscription) {
        return samples.unconfirmed(subscription) + samples.retold(subscription);
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
     * How much a reader may miss without a number. Because of a kill, of a firehose all that the Doppler had been sent and its
     * last report does not tell as delivered; of an app stream what is missing after the last log that had arrived by then.
     * Because nothing was heard of a Traffic Controller, of an app stream what is missing of that time.
     */
    long uncertain(Reader reader) throws InterruptedException {
        String subscription = reader.ledgerOrNull();
        if (killed == null) {
            return subscription == null && sentUntilHeardOrNull != null
                    ? reader.missing(Stage.APP, sentBeforeTheyLeft[Stage.APP], sentUntilHeardOrNull[Stage.APP])
                    : 0;
        }
        if (subscription == null) {
            return reader.missing(Stage.APP, killed.firstOpen(), killed.sent()[Stage.APP]);
        }
        long delivered =
                killed.report().delivered(subscription) - atBeginning[killed.doppler()].delivered(subscription);
        return sum(killed.sent()) - delivered;
    }
}
