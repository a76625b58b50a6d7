/** Two Dopplers and two Traffic Controllers, each a process, with mutual TLS, and a proxy on every link between them. */
package io.loggregator.rehearsal.nodes;
