package io.loggregator.rehearsal.account;

import io.loggregator.benchmarks.reader.Outcome;

/**
 * What became of what was sent, for one reader; all in logs.
 *
 * @param reader its name
 * @param sent handed to a stream of ingress
 * @param received different ones that arrived
 * @param announced as lost, in the reader's own stream
 * @param least how many have to be left over, because ingress never took them in; below zero where some that were announced
 *     may have arrived all the same
 * @param most how many may be left over, because a process was killed or the reader was away
 * @param duplicates arrivals of what had arrived
 * @param outOfOrder arrivals after a later log of the same source
 */
public record Account(
        String reader,
        long sent,
        long received,
        long announced,
        long least,
        long most,
        long duplicates,
        long outOfOrder) {
    /** @throws IllegalArgumentException if {@code least} is more than {@code most} */
    public Account {
        if (least > most) {
            throw new IllegalArgumentException(least + " at least and " + most + " at most");
        }
    }

    /** Of a reader's outcome. */
    public static Account of(String reader, Outcome outcome, long least, long most) {
        return new Account(
                reader,
                outcome.expected(),
                outcome.received(),
                outcome.announced(),
                least,
                most,
                outcome.duplicates(),
                outcome.outOfOrder());
    }

    /** What neither arrived nor was announced; below zero when more was announced than is missing. */
    public long open() {
        return sent - received - announced;
    }

    /** Whether {@code sent = received + announced + open}, with as much open as there may be. */
    public boolean sums() {
        return open() >= least && open() <= most;
    }

    /** Whether nothing may be left to belief. */
    public boolean exact() {
        return least == most;
    }
}
