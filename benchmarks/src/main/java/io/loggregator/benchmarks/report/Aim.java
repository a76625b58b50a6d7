package io.loggregator.benchmarks.report;

/**
 * Something that was to be reached.
 *
 * @param what in words
 * @param measured in words, with unit
 * @param wanted in words, with unit
 * @param met whether it was reached
 */
record Aim(String what, String measured, String wanted, boolean met) {}
