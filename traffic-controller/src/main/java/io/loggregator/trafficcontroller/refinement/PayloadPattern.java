package io.loggregator.trafficcontroller.refinement;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.loggregator.wire.Utf8;
import java.nio.charset.StandardCharsets;

/**
 * A regular expression (RE2 syntax) that is looked for in payloads, in time that grows with the payload's length only.
 * Payloads of ASCII are matched where they lie. Owned by one event loop.
 */
final class PayloadPattern {
    private final Matcher matcher;
    private final AsciiText text = new AsciiText();

    /**
     * @param name of the filter, for the message
     * @param most characters, and steps when it is compiled
     * @throws UnusableFilter it is too long, too costly or no regular expression
     */
    PayloadPattern(String name, String expression, int most) throws UnusableFilter {
        if (expression.length() > most) {
            throw new UnusableFilter(name + ": at most " + most + " characters");
        }
        // Before it is compiled: that would take the memory that the limit is to save.
        if (Repetitions.steps(expression) > most) {
            throw tooCostly(name, most);
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(expression);
        } catch (PatternSyntaxException wrong) {
            throw new UnusableFilter(name + ": not a regular expression (RE2): " + wrong.getDescription());
        }
        if (pattern.programSize() > most) {
            throw tooCostly(name, most);
        }
        matcher = pattern.matcher("");
    }

    private static UnusableFilter tooCostly(String name, int most) {
        return new UnusableFilter(name + ": repeats too much; at most " + most + " steps with repetitions written out");
    }

    /** Whether it is found in {@code bytes[from, to)}; bytes that are not UTF-8 count as U+FFFD. */
    boolean isIn(byte[] bytes, int from, int to) {
        boolean found = matcher.reset(
                        Utf8.ascii(bytes, from, to)
                                ? text.over(bytes, from, to)
                                : new String(bytes, from, to - from, StandardCharsets.UTF_8))
                .find();
        text.forget();
        return found;
    }
}
