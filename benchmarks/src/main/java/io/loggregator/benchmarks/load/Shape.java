package io.loggregator.benchmarks.load;

/**
 * What a load looks like, whatever its rate.
 *
 * @param sources how many write in turn, 1 and more
 * @param payloadBytes length of the text of each log, {@value Stamp#LENGTH} to {@value #LARGEST_PAYLOAD}
 * @param connections of the generator, at most as many as sources; each source's logs come over one of them
 */
public record Shape(int sources, int payloadBytes, int connections) {
    /** Beyond it a batch of 100 would be larger than servers take. */
    public static final int LARGEST_PAYLOAD = 50_000;

    /** @throws IllegalArgumentException if a number is out of its range */
    public Shape {
        if (connections < 1 || connections > sources) {
            throw new IllegalArgumentException("connections: " + connections + " for " + sources + " sources");
        }
        if (payloadBytes < Stamp.LENGTH || payloadBytes > LARGEST_PAYLOAD) {
            throw new IllegalArgumentException("payload: " + payloadBytes);
        }
    }
}
