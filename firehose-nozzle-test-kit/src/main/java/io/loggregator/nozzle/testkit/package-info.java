/**
 * A Loggregator endpoint in the test's own process, for tests of nozzles: it sends what the test tells it to, breaks in
 * the ways that servers and networks break, and lets the test await what the nozzle does, so that no test needs to sleep.
 *
 * <p>{@link io.loggregator.nozzle.testkit.LoggregatorEndpoint} is where to begin. Scripts may be written from any thread;
 * everything happens on one event loop, in the order in which it was asked for. Nothing is decided by
 * time, but that positions are told every second to clients who want that.
 */
package io.loggregator.nozzle.testkit;
