/**
 * The command line: {@code Main} registers one class per command; each reads its options, wires the packages below
 * and says how it ended by an exit status of {@link io.loggregator.node.process.ExitCodes}.
 */
package io.loggregator.cli;
