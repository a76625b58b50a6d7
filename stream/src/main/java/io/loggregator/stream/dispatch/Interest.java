package io.loggregator.stream.dispatch;

import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.List;

/** One selection by more than classes, whose groups it is, and what the span at hand has for it. Owned by the lane. */
final class Interest {
    final Selection selection;
    final List<Group> groups = new ArrayList<>(1);

    /** Links that have a member which gets the span at hand for this selection. */
    final List<Port> ports = new ArrayList<>(1);

    /** Deliveries of envelopes that the span has, and the bytes of those envelopes. */
    int count;

    int bytes;

    Interest(Selection selection) {
        this.selection = selection;
    }
}
