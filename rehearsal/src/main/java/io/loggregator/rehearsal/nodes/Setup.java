package io.loggregator.rehearsal.nodes;

/** What a Traffic Controller is set to, beside what all of them are. */
public enum Setup {
    /** Nothing more; everybody may read. */
    USUAL,
    /** Asks the {@link Authority} who may read, remembers no answer, and asks again about open streams. */
    GUARDED,
    /** A subscription waits for 3 s only, the servers' default is 30 s. */
    IMPATIENT
}
