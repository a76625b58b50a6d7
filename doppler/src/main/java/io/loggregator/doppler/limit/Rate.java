package io.loggregator.doppler.limit;

import io.loggregator.node.settings.ByteSizes;
import java.util.Optional;

/**
 * How much may come in a second.
 *
 * @param most from 0 to {@link #LARGEST}
 * @param bytes whether that is bytes of envelopes; else lines
 */
record Rate(int most, boolean bytes) {
    static final int LARGEST = 1 << 30;
    static final String FORM = "lines a second such as 2000, bytes a second such as 64KiB, or none; up to 1GiB";
    private static final String NONE = "none";

    /**
     * Reads {@code 2000} (lines), {@code 64KiB} (bytes, as settings have them) or {@code none}.
     *
     * @throws IllegalArgumentException it is none of these, or too large
     */
    static Optional<Rate> parse(String text) {
        if (text.equals(NONE)) {
            return Optional.empty();
        }
        long most = ByteSizes.parse(text);
        if (most > LARGEST) {
            throw new IllegalArgumentException("too large");
        }
        return Optional.of(new Rate((int) most, !Character.isDigit(text.charAt(text.length() - 1))));
    }

    /** As in {@code 2000 lines/s} or {@code 64KiB/s}. */
    @Override
    public String toString() {
        return bytes ? ByteSizes.format(most) + "/s" : most + (most == 1 ? " line/s" : " lines/s");
    }
}
