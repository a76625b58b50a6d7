package io.loggregator.rehearsal;

import io.loggregator.rehearsal.account.Account;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.traffic.Reader;
import java.io.IOException;
import java.util.List;

/** What must be so after every rehearsal, whatever the sums are. */
record BesideTheSums(Nodes nodes, Ledger ledger, List<Reader> readers) {
    /**
     * Looks.
     *
     * @param sent logs of each source
     * @param accounts of the readers, in their order
     * @throws IOException something is not as it must be
     */
    void check(long[] sent, List<Account> accounts) throws IOException, InterruptedException {
        unknownLosses(accounts);
        lostDopplers();
        duplicates(accounts);
        refused(sent);
        nodes.checkLedgers();
    }

    /** Each client is told once of a Doppler that is lost or taken for it, and never while there is none. */
    private void lostDopplers() throws IOException {
        for (Reader reader : readers) {
            int due = ledger.lostDopplersDue(reader);
            if (reader.lostDopplers() != due) {
                throw new IOException(reader.name() + " was told " + reader.lostDopplers()
                        + " times that a Doppler is lost, where " + due + " was due");
            }
        }
    }

    /**
     * Where it has to be said that something is missing, those that miss something are told, and nobody more than once of each
     * event loop of a Doppler.
     */
    private void unknownLosses(List<Account> accounts) throws IOException {
        for (int i = 0; i < readers.size(); i++) {
            Reader reader = readers.get(i);
            if (!ledger.isToBeTold(reader)) {
                continue;
            }
            if (accounts.get(i).open() > 0 && reader.unknownLosses() == 0) {
                throw new IOException(
                        reader.name() + " misses " + accounts.get(i).open() + " and was not told");
            }
            if (reader.unknownLosses() > Nodes.LINKS) {
                throw new IOException(reader.name() + " was told " + reader.unknownLosses() + " times of a loss");
            }
        }
    }

    /** Dopplers that run all the time take in everything but what the kernel has no room for. */
    private void refused(long[] sent) throws IOException, InterruptedException {
        if (ledger.isOfOneRun() && ledger.refused(nodes, sent) != ledger.droppedByKernel(nodes)) {
            throw new IOException("the Dopplers did not take in " + ledger.refused(nodes, sent)
                    + ", of which the kernel dropped " + ledger.droppedByKernel(nodes));
        }
    }

    /** To a firehose nothing comes twice but what no Doppler knew as confirmed. */
    private void duplicates(List<Account> accounts) throws IOException, InterruptedException {
        for (int i = 0; i < readers.size(); i++) {
            String subscription = readers.get(i).ledgerOrNull();
            long twice = accounts.get(i).duplicates();
            if (subscription != null && twice > ledger.sentAgain(nodes, subscription)) {
                throw new IOException(twice + " came twice to " + subscription + ", of which the Dopplers sent "
                        + ledger.sentAgain(nodes, subscription) + " again");
            }
        }
    }
}
