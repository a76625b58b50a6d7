package io.loggregator.trafficcontroller.refinement;

/**
 * What the filters of one query may cost.
 *
 * @param pattern characters of a regular expression, and as many steps when it is compiled, each of which may cost a moment
 *     for each character of a payload; at most {@link #LONGEST_PATTERN}
 * @param values of {@code instance}, and as many of {@code source_type}; at most {@link #MOST_VALUES}
 */
public record FilterLimits(int pattern, int values) {
    /** The stack of a thread holds what is nested within so many characters, with some to spare; not within 4,000. */
    public static final int LONGEST_PATTERN = 2_000;
    /** So many are looked through for each line. */
    public static final int MOST_VALUES = 400;

    /** Those of a port that is told nothing else. */
    public static final FilterLimits USUAL = new FilterLimits(1_000, 100);
}
