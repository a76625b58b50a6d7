/** The servers as processes of their own, and what the kernel says they cost. */
package io.loggregator.benchmarks.process;
