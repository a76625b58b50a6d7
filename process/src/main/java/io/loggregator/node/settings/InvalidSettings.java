package io.loggregator.node.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. Carries every problem found, and its message has one line for each. */
public final class InvalidSettings extends Exception {
    private final transient List<Problem> problems;

    public InvalidSettings(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("invalid settings without a problem");
        }
        this.problems = List.copyOf(problems);
    }

    /** Never empty; in the order of the declarations, then of the file, then of the rules. */
    public List<Problem> problems() {
        return problems;
    }
}
