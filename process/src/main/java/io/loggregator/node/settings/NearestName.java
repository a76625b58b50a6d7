package io.loggregator.node.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that a mistyped one was probably meant to be. */
final class NearestName {
    private static final int LONGEST = 100;

    private NearestName() {}

    static String expectation(String key, Collection<String> names) {
        return find(key, names)
                .map(name -> "a known setting, did you mean " + name + "?")
                .orElse("a known setting, see the settings reference");
    }

    /** The name at the least edit distance, if that is at most a third of the key's length. */
    static Optional<String> find(String key, Collection<String> names) {
        if (key.length() > LONGEST) {
            return Optional.empty();
        }
        String wanted = key.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
        int most = Math.max(1, wanted.length() / 3);
        return names.stream()
                .filter(name -> distance(wanted, name) <= most)
                .min(Comparator.comparingInt(name -> distance(wanted, name)));
    }

    /** Insertions, deletions, replacements, and swaps of neighbours that lead from one to the other. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + same);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
