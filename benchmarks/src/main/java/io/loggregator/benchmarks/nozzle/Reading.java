package io.loggregator.benchmarks.nozzle;

/**
 * What a reader has done since it began.
 *
 * @param received envelopes
 * @param told envelopes that it was told are missing
 * @param troubles losses of unknown size, and streams that ended
 * @param allocated bytes, by all its threads but the one that answers the driver
 * @param heap bytes in use; after a collection where that was asked for
 * @param elapsedNanos what the last release took, see {@link ReaderProcess#release}; 0 before
 */
record Reading(long received, long told, long troubles, long allocated, long heap, long elapsedNanos) {
    /** What was accounted for: received, or told as missing. */
    long known() {
        return received + told;
    }

    String line() {
        return received + " " + told + " " + troubles + " " + allocated + " " + heap + " " + elapsedNanos;
    }

    /** @throws IllegalArgumentException it is no such line */
    static Reading parse(String line) {
        String[] parts = line.split(" ");
        if (parts.length != 6) {
            throw new IllegalArgumentException("not a reading: " + line);
        }
        return new Reading(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]),
                Long.parseLong(parts[4]),
                Long.parseLong(parts[5]));
    }
}
