package io.loggregator.trafficcontroller.subscription;

/**
 * A client that was closed because it was too slow.
 *
 * @param remote its address
 * @param forwardedFor as {@link Reader#forwardedFor}
 * @param request what it had asked for; nothing secret
 * @param pace how far from enough it was
 */
public record SlowConsumer(String remote, String forwardedFor, String request, Pace pace) {}
