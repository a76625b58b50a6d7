/** Where a command meets the terminal it was started from: its streams, its exit status, how it fails, its version. */
package io.loggregator.cli.terminal;
