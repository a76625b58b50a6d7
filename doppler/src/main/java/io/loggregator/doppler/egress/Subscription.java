package io.loggregator.doppler.egress;

import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.Joining;
import io.loggregator.stream.selection.Selection;
import java.util.UUID;

/**
 * What a call asked for.
 *
 * @param protocol of the group: readers of other protocols do not share
 * @param shard as the client named it; empty: it shares with nobody
 * @param selection null: nothing
 * @param app of a v1 subscription: whose envelopes, or empty for all
 * @param deterministicName not empty: the shard's members get shares that depend on the envelopes only
 */
public record Subscription(String protocol, String shard, Selection selection, String app, String deterministicName) {
    /** Groups of v1 subscribers, wherever they are. */
    static final String V1 = "v1";
    /** Groups of v2 subscribers, wherever they are. */
    static final String V2 = "v2";

    /** Begins the names of groups that nobody shares. Behind it is what nobody can guess. */
    static final String ALONE = "alone ";

    /** How the subscription joins its group: the same at every lane. */
    Joining joining(long windowBytes) {
        return shard.isEmpty()
                ? Joining.alone(
                        new GroupKey(protocol, ALONE + UUID.randomUUID(), selection), windowBytes, Long.MAX_VALUE)
                : Joining.shared(new GroupKey(protocol, shard, selection), windowBytes, Long.MAX_VALUE)
                        .named(deterministicName);
    }

    /** A group's subscription as people see it: empty if nobody shares it. */
    public static String nameOf(GroupKey key) {
        return key.subscription().startsWith(ALONE) ? "" : key.subscription();
    }
}
