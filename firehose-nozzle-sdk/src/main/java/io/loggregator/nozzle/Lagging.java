package io.loggregator.nozzle;

import java.time.Duration;

/**
 * How far behind a nozzle is, told before it loses anything by that: it handles less than comes, or did for too long. More
 * connections or another process with the same subscription id help, and selectors.
 *
 * @param behind how long before the newest envelopes the oldest had come that the server still has for the nozzle
 * @param behindBytes bytes of the server's log from there on, those of other readers included
 * @param limitBytes of what is further behind than that, the sources which send most lose first, and then all
 */
public record Lagging(Duration behind, long behindBytes, long limitBytes) {}
