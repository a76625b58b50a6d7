package io.loggregator.stream.dispatch;

/**
 * Where a lane's messages for one link go. Called on the lane's event loop; arrays are valid only during the call, and
 * none of the calls may lead to a call of the lane, which is in the middle of handing out.
 *
 * <p>An implementation on another event loop copies and hands over, and answers {@link #writable} from what it knows.
 */
public interface Outlet {
    /** Whether more may be sent now. When this turns true again, {@link Lane#pump} must be called. */
    boolean writable();

    /**
     * Sends batch bytes.
     *
     * @param end log position after them
     * @param deliveries the members that they are for, and under which sequence numbers
     * @param tails whether the tails of the link are to be served from them
     */
    void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tails);

    /**
     * Tells one member what it will not get, at the place of the gap.
     *
     * @param end log position after it
     */
    void gap(long member, long sequence, Gap gap, long end);

    /**
     * Tells one member that it lags, at once, whether there is room or not: little, and rarely.
     *
     * @return whether it is told; not if the other end cannot be
     */
    default boolean lag(long member, Lag lag) {
        return false;
    }

    /**
     * Tells one member, with a group of one client, that it gets nothing more, since that client reads elsewhere; at once, whether
     * there is room or not.
     */
    default void moved(long member) {}

    /** Tells the tails of a source what they will not get; a null source means every tail. */
    void gap(String source, Gap gap);
}
