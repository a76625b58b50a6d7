/** The server roles as commands, and the demo that runs them all in one process. */
package io.loggregator.cli.server;
