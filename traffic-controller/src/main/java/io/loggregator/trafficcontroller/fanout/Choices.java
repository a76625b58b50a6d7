package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Refinement;
import java.util.HashMap;
import java.util.Map;

/** Sees to it that readers who choose alike have one {@link Choice}. */
final class Choices {
    private final Map<Key, Choice> choices = new HashMap<>();

    private record Key(Selection selection, String refinement) {}

    /** To be released as often. */
    Choice of(Selection selection, Refinement refinement) {
        Choice choice = choices.computeIfAbsent(
                new Key(selection, refinement.identity()), key -> new Choice(selection, refinement));
        choice.readers++;
        return choice;
    }

    void release(Choice choice) {
        choice.readers--;
        if (choice.readers == 0) {
            choices.remove(new Key(choice.selection(), choice.refinement().identity()));
        }
    }
}
