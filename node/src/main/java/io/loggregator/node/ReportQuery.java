package io.loggregator.node;

import io.vertx.core.MultiMap;
import java.util.List;

/** The query of a request for a {@link Report}. */
public final class ReportQuery {
    private final MultiMap parameters;

    ReportQuery(MultiMap parameters) {
        this.parameters = parameters;
    }

    /**
     * A whole number.
     *
     * @throws InvalidQuery it is given, and not within the bounds
     */
    public int number(String name, int unlessGiven, int least, int most) throws InvalidQuery {
        String text = parameters.get(name);
        if (text == null) {
            return unlessGiven;
        }
        if (text.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new InvalidQuery(name + " must be a whole number from " + least + " to " + most);
    }

    /**
     * One of some words, the first of them unless another is given.
     *
     * @throws InvalidQuery something else is given
     */
    public String word(String name, List<String> words) throws InvalidQuery {
        String text = parameters.get(name);
        if (text == null) {
            return words.get(0);
        }
        if (words.contains(text)) {
            return text;
        }
        throw new InvalidQuery(name + " must be one of " + String.join(", ", words));
    }
}
