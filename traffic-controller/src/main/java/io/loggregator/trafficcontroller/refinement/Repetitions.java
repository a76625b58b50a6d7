package io.loggregator.trafficcontroller.refinement;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Estimates, without compiling it, how long a regular expression is when its counted repetitions ({@code a{2,5}}) are
 * written out: nested ones multiply. A character counts as one, whatever it is part of.
 */
final class Repetitions {
    private static final Pattern COUNT = Pattern.compile("\\{([0-9]{1,9})(,([0-9]{0,9}))?}");
    private static final long PLENTY = Integer.MAX_VALUE;

    private Repetitions() {}

    /** The estimate; never more than {@link Integer#MAX_VALUE}. */
    static long steps(String expression) {
        Deque<Long> outer = new ArrayDeque<>();
        Matcher count = COUNT.matcher(expression);
        long length = 0;
        long last = 0;
        int i = 0;
        while (i < expression.length()) {
            char c = expression.charAt(i);
            int next = i + 1;
            if (c == '(') {
                outer.push(length);
                length = 0;
                last = 0;
            } else if (c == ')' && !outer.isEmpty()) {
                last = length + 1;
                length = Math.min(PLENTY, outer.pop() + last);
            } else if (c == '{' && count.region(i, expression.length()).lookingAt()) {
                next = count.end();
                long times = Math.max(number(count.group(1)), number(count.group(3)));
                long more = last * Math.max(0, times - 1);
                length = Math.min(PLENTY, length + more);
                last = Math.min(PLENTY, last + more);
            } else {
                if (c == '\\') {
                    next = escapeEnd(expression, next);
                    // As long as what it quotes, if it does.
                    length += next - i - 1;
                } else if (c == '[') {
                    next = classEnd(expression, next);
                }
                last = 1;
                length++;
            }
            i = next;
        }
        while (!outer.isEmpty()) {
            length = Math.min(PLENTY, outer.pop() + length);
        }
        return length;
    }

    /** Behind what a backslash before the index escapes: a character, a braced name or code, or a quotation. */
    private static int escapeEnd(String expression, int from) {
        if (from >= expression.length()) {
            return from;
        }
        char kind = expression.charAt(from);
        String end = kind == 'Q' ? "\\E" : "xpP".indexOf(kind) >= 0 && expression.startsWith("{", from + 1) ? "}" : "";
        if (end.isEmpty()) {
            return from + 1;
        }
        int found = expression.indexOf(end, from + 1);
        return found < 0 ? expression.length() : found + end.length();
    }

    private static long number(String digits) {
        return digits == null || digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    /** Behind the class that starts before the index; the index itself where the class has no end. */
    private static int classEnd(String expression, int from) {
        int i = from;
        if (i < expression.length() && expression.charAt(i) == '^') {
            i++;
        }
        // A bracket in the first place stands for itself.
        for (int first = i; i < expression.length(); i++) {
            char c = expression.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '[' && expression.startsWith("[:", i)) {
                int named = expression.indexOf(":]", i);
                i = named < 0 ? i : named + 1;
            } else if (c == ']' && i > first) {
                return i + 1;
            }
        }
        return from;
    }
}
