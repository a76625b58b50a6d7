package io.loggregator.nozzle.testkit;

/**
 * How a client left.
 *
 * @param code of its Close frame; {@link #NO_CODE} if that had none, {@link #NO_CLOSE} if there was none
 * @param reason of its Close frame; empty if it told none
 */
public record Ended(int code, String reason) {
    /** A Close without a code (RFC 6455, 7.4.1). */
    public static final int NO_CODE = 1005;

    /** A connection that ended without a Close (RFC 6455, 7.4.1). */
    public static final int NO_CLOSE = 1006;
}
