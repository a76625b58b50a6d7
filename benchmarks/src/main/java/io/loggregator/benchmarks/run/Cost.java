package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.process.Cpu;

/**
 * What a process cost while a load was measured.
 *
 * @param cpu seconds
 * @param memory resident set at the end, in MiB
 * @param peakMemory largest resident set since the process began, in MiB
 */
public record Cost(Cpu cpu, double memory, double peakMemory) {}
