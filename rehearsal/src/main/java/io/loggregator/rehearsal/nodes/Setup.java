package io.loggregator.rehearsal.nodes;

/** What the servers that faults befall are set to, beside what all of them are. */
public enum Setup {
    /** Nothing more; everybody may read. */
    USUAL,
    /** The Traffic Controller asks the {@link Authority} who may read, remembers no answer, and asks again about open streams. */
    GUARDED,
    /** A subscription waits for 3 s only, the servers' default is 30 s. */
    IMPATIENT,
    /** A subscription waits for 2 min, at every Traffic Controller. */
    PATIENT,
    /** The Traffic Controller writes its security event log to a disk without room. */
    DISK_FULL,
    /** The Doppler and the Traffic Controller each have a {@link WallClock} of their own. */
    CLOCKED;

    /** What those are set up as that no fault befalls. */
    public Setup ofBystanders() {
        return this == PATIENT ? PATIENT : USUAL;
    }
}
