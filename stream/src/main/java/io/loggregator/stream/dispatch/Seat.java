package io.loggregator.stream.dispatch;

/**
 * Where a client with a group of its own reads.
 *
 * @param link its name, which outlives one that breaks; empty: it has none
 * @param member the client's on that link
 */
record Seat(String link, long member) {
    /** Whether it is another than that one, and surely so. */
    boolean differs(Seat other) {
        return !link.isEmpty() && !equals(other);
    }
}
