/** What a run has found, as tables for people and as JSON for programs, beside what was aimed at. */
package io.loggregator.benchmarks.report;
