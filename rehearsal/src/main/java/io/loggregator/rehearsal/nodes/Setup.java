package io.loggregator.rehearsal.nodes;

/** What a Traffic Controller is set to, beside what all of them are. */
public enum Setup {
    /** Nothing more; everybody may read. */
    USUAL,
    /**
     * Asks the {@link Authority} who may read, remembers no answer, and asks again about open streams; and a subscription waits
     * for a second only, 30 s is the servers' default.
     */
    STRICT
}
