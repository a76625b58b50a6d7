package io.loggregator.doppler.egress;

/**
 * What a request of a reader may hold.
 *
 * @param selectors and the names in them
 * @param nameBytes of a shard id, an app or source id, a metric's name
 */
public record RequestLimits(int selectors, int nameBytes) {
    /** What a Traffic Controller keeps to by itself. */
    public static final RequestLimits USUAL = new RequestLimits(1_000, 1_024);
}
