/**
 * The load that everything here is measured with: batches of stamped log envelopes, of the size that the project's
 * figures are quoted for, prepared once and patched where they lie.
 */
package io.loggregator.benchmarks.load;
