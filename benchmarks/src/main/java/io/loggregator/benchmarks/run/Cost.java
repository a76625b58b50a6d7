package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.process.Cpu;

/**
 * What a process cost while a load was measured.
 *
 * @param cpu seconds
 * @param memory resident set at the end, in MiB
 * @param peakMemory largest resident set during the load, in MiB
 */
public record Cost(Cpu cpu, double memory, double peakMemory) {
    /** Of a process that is not there. */
    public static final Cost NONE = new Cost(new Cpu(0, 0, 0), 0, 0);
}
