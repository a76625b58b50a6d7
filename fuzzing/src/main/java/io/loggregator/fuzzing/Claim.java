package io.loggregator.fuzzing;

/** What a target holds against its subject. */
public final class Claim {
    private Claim() {}

    /** @param claim what is wrong if it does not hold */
    public static void that(boolean holds, String claim) {
        if (!holds) {
            throw new AssertionError("does not hold: " + claim);
        }
    }
}
