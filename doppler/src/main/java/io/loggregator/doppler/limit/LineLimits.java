package io.loggregator.doppler.limit;

import io.loggregator.node.settings.Problem;
import io.loggregator.node.settings.SettingsFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a file of limits says: for the source id, and for each tag that it names, what all values may have, and what single
 * ones may.
 *
 * @param each by what is limited; the source id first, where it is
 */
record LineLimits(List<Limited> each) {
    /** What sources are limited by; anything else is the name of a tag. */
    static final String SOURCE_ID = "source_id";

    private static final int MOST_TAGS = 8;
    private static final int LONGEST_NAME = 256;

    /**
     * Limits by the source id or by one tag.
     *
     * @param by {@code source_id}, or the name of the tag
     * @param others of values that are not named; empty: they have none
     * @param named of values that are; empty: this one has none
     */
    record Limited(String by, Optional<Rate> others, Map<String, Optional<Rate>> named) {
        boolean bySource() {
            return by.equals(SOURCE_ID);
        }

        Optional<Rate> of(String value) {
            return named.getOrDefault(value, others);
        }
    }

    /** What one name in the file says, while it is read. */
    private static final class Reading {
        Optional<Rate> others = Optional.empty();
        final Map<String, Optional<Rate>> named = new LinkedHashMap<>();
    }

    /** Reads a file; what is wrong with it is added to the problems, and then the limits are not to be used. */
    static LineLimits read(Path file, List<Problem> problems) {
        Map<String, Reading> readings = new LinkedHashMap<>();
        readings.put(SOURCE_ID, new Reading());
        SettingsFile.read(file, problems).forEach((name, value) -> {
            int dot = name.indexOf('.');
            String by = dot < 0 ? name : name.substring(0, dot);
            if (by.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
                problems.add(Problem.of(
                        name,
                        value,
                        "source_id or a tag's name, with .VALUE for one of its values, at most 256 bytes"));
                return;
            }
            try {
                Optional<Rate> rate = Rate.parse(value);
                Reading reading = readings.computeIfAbsent(by, first -> new Reading());
                if (dot < 0) {
                    reading.others = rate;
                } else {
                    reading.named.put(name.substring(dot + 1), rate);
                }
            } catch (IllegalArgumentException e) {
                problems.add(Problem.of(name, value, Rate.FORM));
            }
        });
        if (readings.size() - 1 > MOST_TAGS) {
            problems.add(new Problem(file.toString(), readings.size() - 1 + " tags", "limits by at most 8 tags"));
        }
        List<Limited> each = new ArrayList<>();
        readings.forEach((by, reading) -> {
            if (reading.others.isPresent() || !reading.named.isEmpty()) {
                each.add(new Limited(by, reading.others, Map.copyOf(reading.named)));
            }
        });
        return new LineLimits(List.copyOf(each));
    }
}
