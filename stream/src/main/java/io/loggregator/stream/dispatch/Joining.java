package io.loggregator.stream.dispatch;

import io.loggregator.stream.SteadyClock;
import java.util.Objects;

/**
 * How a client joins a group.
 *
 * @param key the group
 * @param windowBytes how much may be out to the client unconfirmed; 0: nothing is sent
 * @param sinceMillis a new group starts with what arrived at or after that time, as {@link SteadyClock#millis}; {@link
 *     Long#MAX_VALUE}: with what arrives from now on
 * @param neededSince what arrived since then, as far as a new group's log no longer has it, is a loss; what had arrived before may
 *     have been got elsewhere
 * @param deterministicName not empty: the members of the group get shares of it that depend on the envelopes only, in the
 *     order of these names
 * @param alone whether a new group is for this client only, and always read in order
 * @param resume what the client has already; null: it does not say, and has what it confirmed
 * @param memberMillis when it is last known to have been a member through a link that broke, as {@link SteadyClock#millis}: if
 *     the group began since, it is told that something may be lost; {@link Long#MAX_VALUE}: it was none
 * @param readingSince when this connection of the client began to read, as {@link SteadyClock#millis}; of several connections of one
 *     client with a group of its own the last counts
 */
public record Joining(
        GroupKey key,
        long windowBytes,
        long sinceMillis,
        long neededSince,
        String deterministicName,
        boolean alone,
        Resume resume,
        long memberMillis,
        long readingSince) {
    public Joining {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(deterministicName, "deterministicName");
    }

    /** Joins a group that others may share. */
    public static Joining shared(GroupKey key, long windowBytes, long sinceMillis) {
        return new Joining(key, windowBytes, sinceMillis, sinceMillis, "", false, null, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** Joins a group that is the client's own. */
    public static Joining alone(GroupKey key, long windowBytes, long sinceMillis) {
        return new Joining(key, windowBytes, sinceMillis, sinceMillis, "", true, null, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** The same with a name for the order of shares. */
    public Joining named(String newDeterministicName) {
        return with(neededSince, newDeterministicName, resume, memberMillis, readingSince);
    }

    /** The same for a client that has something already; null: that does not say. */
    public Joining resuming(Resume newResume) {
        return with(neededSince, deterministicName, newResume, memberMillis, readingSince);
    }

    /** The same for a client that was a member until its link broke. */
    public Joining again(long newMemberMillis) {
        return with(neededSince, deterministicName, resume, newMemberMillis, readingSince);
    }

    /** The same for a client that needs only what arrived since then. */
    public Joining needing(long newNeededSince) {
        return with(newNeededSince, deterministicName, resume, memberMillis, readingSince);
    }

    /** The same for a connection that has read since then. */
    public Joining readingSince(long newReadingSince) {
        return with(neededSince, deterministicName, resume, memberMillis, newReadingSince);
    }

    private Joining with(long needed, String name, Resume has, long member, long reading) {
        return new Joining(key, windowBytes, sinceMillis, needed, name, alone, has, member, reading);
    }

    /** Whether it was a member until its link broke. */
    boolean isAgain() {
        return memberMillis != Long.MAX_VALUE;
    }
}
