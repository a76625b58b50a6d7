package io.loggregator.stream.dispatch;

/**
 * What a client that comes back has of one lane's stream.
 *
 * @param position log position after the last batch that it has; 0: it has no batch since its group began
 * @param count envelopes that its group was delivered, or told to be lost, from this lane up to there
 */
public record Resume(long position, long count) {
    /** Of a client that has nothing from the lane. */
    public static final Resume NOTHING = new Resume(0, 0);

    /** Whether it says where in the log the client is. */
    boolean isPlace() {
        return position > 0;
    }
}
