package io.loggregator.stream.dispatch;

/**
 * Where a client with a group of its own reads.
 *
 * @param link its name, which outlives one that breaks; empty: it has none
 * @param member the client's on that link
 * @param readingSince when that connection of the client began to read, as {@link io.loggregator.stream.SteadyClock#millis}
 */
record Seat(String link, long member, long readingSince) {
    /** Whether it is another than that one, and surely so. */
    boolean differs(Seat other) {
        return !link.isEmpty() && (member != other.member || !link.equals(other.link));
    }

    /** Whether it surely is that one. */
    boolean isSame(Seat other) {
        return !link.isEmpty() && !differs(other);
    }
}
