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
     * @param accounts of the readers, in their order
     * @throws IOException something is not as it must be
     */
    void check(List<Account> accounts) throws IOException, InterruptedException {
        lostDopplers();
        duplicates(accounts);
        nodes.checkLedgers();
    }

    /** Each client is told once of a Doppler that is lost, and never while there is none. */
    private void lostDopplers() throws IOException {
        for (Reader reader : readers) {
            int due = ledger.isKilled() ? reader.clients() : 0;
            if (reader.lostDopplers() != due) {
                throw new IOException(reader.name() + " was told " + reader.lostDopplers()
                        + " times that a Doppler is lost, where " + due + " was due");
            }
        }
    }

    /** To a firehose nothing comes twice but what no Doppler knew as confirmed. */
    private void duplicates(List<Account> accounts) throws IOException, InterruptedException {
        for (int i = 0; i < readers.size(); i++) {
            String subscription = readers.get(i).subscriptionOrNull();
            long twice = accounts.get(i).duplicates();
            if (subscription != null && twice > ledger.sentAgain(nodes, subscription)) {
                throw new IOException(twice + " came twice to " + subscription + ", of which the Dopplers sent "
                        + ledger.sentAgain(nodes, subscription) + " again");
            }
        }
    }
}
