/** What the commands print: v1 envelopes as lines for people or JSON for programs, written well-behaved into a pipe. */
package io.loggregator.cli.output;
