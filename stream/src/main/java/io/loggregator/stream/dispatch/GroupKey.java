package io.loggregator.stream.dispatch;

import io.loggregator.stream.selection.Selection;

/**
 * The identity of a group: readers with the same key share one copy of the stream.
 *
 * @param protocol the clients' protocol, for example {@code v1}
 * @param subscription the subscription id the clients chose
 * @param selection what they want of the stream
 * @param refinement names what their Traffic Controller leaves out of that; empty: nothing
 */
public record GroupKey(String protocol, String subscription, Selection selection, String refinement) {
    /** A group whose members get all that is selected. */
    public GroupKey(String protocol, String subscription, Selection selection) {
        this(protocol, subscription, selection, "");
    }
}
