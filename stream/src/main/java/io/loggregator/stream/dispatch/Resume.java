package io.loggregator.stream.dispatch;

/**
 * What a client that comes back has of one lane's stream.
 *
 * @param position log position after the last batch that it has
 * @param count envelopes that its group was delivered, or told to be lost, from this lane up to there
 */
public record Resume(long position, long count) {}
