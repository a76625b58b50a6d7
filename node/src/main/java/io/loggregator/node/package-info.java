/**
 * Running a server process, whatever it serves: its diagnostics port and readiness, its orderly stop, its exit codes,
 * and the log lines it limits. Settings, TLS and metrics have packages of their own below this one.
 */
package io.loggregator.node;
