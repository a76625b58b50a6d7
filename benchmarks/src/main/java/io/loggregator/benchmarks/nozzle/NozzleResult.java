package io.loggregator.benchmarks.nozzle;

import io.loggregator.benchmarks.process.Cpu;

/**
 * What came out for one reader.
 *
 * @param sent envelopes of the paced load
 * @param received of these, by the reader
 * @param cpu what the reader's process used for them
 * @param allocated bytes that the reader's threads allocated for them
 * @param waiting envelopes that were sent while it was held up, over all bursts
 * @param caughtUp of these, received afterwards
 * @param catchUpCpu what the reader's process used after it was let go
 * @param catchUpRead envelopes that it read in that time
 * @param told envelopes, of either load, that it was told are missing
 * @param troubles losses of unknown size, and streams that ended
 * @param mostPerSecond the most that it took in a second when it caught up, in the best burst
 * @param heldHeap bytes by which its heap was larger while it was held up, in the worst burst
 */
record NozzleResult(
        ReaderKind reader,
        long sent,
        long received,
        Cpu cpu,
        long allocated,
        long waiting,
        long caughtUp,
        Cpu catchUpCpu,
        long catchUpRead,
        long told,
        long troubles,
        double mostPerSecond,
        long heldHeap) {
    /** Envelopes for each CPU second of the reader's work, compilers apart. */
    double perCpuSecond() {
        return cpu.work() == 0 ? 0 : received / cpu.work();
    }

    /** The same while it catches up, when much comes at once. */
    double perCpuSecondCatchingUp() {
        return catchUpCpu.work() == 0 ? 0 : catchUpRead / catchUpCpu.work();
    }

    /** Bytes allocated for each envelope. */
    double allocatedPerEnvelope() {
        return received == 0 ? 0 : (double) allocated / received;
    }

    /** Envelopes that nobody can say anything about: sent, and neither received nor told as missing. Aim: 0. */
    long unexplained() {
        return sent + waiting - received - caughtUp - told;
    }
}
