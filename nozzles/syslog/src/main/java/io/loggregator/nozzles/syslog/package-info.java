/** The nozzle that brings lines, and metrics if wanted, to a syslog server, in the form of Cloud Foundry's log drains. */
package io.loggregator.nozzles.syslog;
