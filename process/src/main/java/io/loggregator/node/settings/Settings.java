package io.loggregator.node.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The settings of a running server: every declared setting with its checked value. Immutable, for use by any thread.
 */
public final class Settings {
    private final Values values;
    private final List<String> warnings;

    private Settings(Values values, List<String> warnings) {
        this.values = values;
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads and checks all settings. A value in the environment wins over one in the file; an empty one counts as not
     * set, in both. Environment variables that are not declared are ignored, keys of the file that are not declared are
     * problems.
     *
     * @param declared what there is; each name once
     * @param environment usually {@link System#getenv()}
     * @param fileOrNull a {@code .properties}, {@code .yml} or {@code .yaml} file in UTF-8 of at most 1 MiB with a flat
     *     map from setting names to values; a YAML list is joined with commas
     * @param rules checks across settings; their problems are reported in the same list
     * @throws InvalidSettings with all problems, when there is at least one
     */
    @SafeVarargs
    public static Settings load(
            List<Setting<?>> declared, Map<String, String> environment, Path fileOrNull, Consumer<Rules>... rules)
            throws InvalidSettings {
        Map<String, Setting<?>> byName = new LinkedHashMap<>();
        for (Setting<?> setting : declared) {
            if (byName.put(setting.name(), setting) != null) {
                throw new IllegalArgumentException(setting.name() + " is declared twice");
            }
        }
        List<Problem> fileProblems = new ArrayList<>();
        Map<String, String> file = fileOrNull == null ? Map.of() : SettingsFile.read(fileOrNull, fileProblems);

        List<Problem> problems = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Values values = new Values(byName);
        for (Setting<?> setting : byName.values()) {
            String text = environment.get(setting.name());
            if (text == null || text.isEmpty()) {
                text = file.get(setting.name());
            }
            read(setting, text, values, problems, warnings);
        }
        problems.addAll(fileProblems);
        for (String key : file.keySet()) {
            if (!byName.containsKey(key)) {
                // The value stays out: it may be a secret under a mistyped name.
                problems.add(new Problem(key, "unknown setting", NearestName.expectation(key, byName.keySet())));
            }
        }
        Rules view = new Rules(values, problems, warnings);
        for (Consumer<Rules> rule : rules) {
            rule.accept(view);
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
        return new Settings(values, warnings);
    }

    private static void read(
            Setting<?> setting, String text, Values values, List<Problem> problems, List<String> warnings) {
        if (text == null || text.isEmpty()) {
            if (setting.isRequired()) {
                problems.add(Problem.of(setting, null, setting.expectation()));
            }
            return;
        }
        if (setting.isObsolete()) {
            warnings.add(setting.name() + " has no effect: " + setting.help());
        }
        try {
            values.good(setting, text, setting.parse(text));
        } catch (IllegalArgumentException e) {
            values.bad(setting, text);
            problems.add(Problem.of(setting, text, setting.expectation()));
        }
    }

    /**
     * A setting that has another name here than where it is asked for.
     *
     * @param asked as it is asked for
     * @param here as it was declared here
     */
    public record Alias<T>(Setting<T> asked, Setting<T> here) {}

    /**
     * The same settings for code that was written for another server: what that one has and this one has not is at its
     * default.
     *
     * @param asked everything that the code may ask for
     * @param aliases what of it goes by another name here
     */
    public Settings standingIn(List<Setting<?>> asked, List<Alias<?>> aliases) {
        return new Settings(values.standingIn(asked, aliases), warnings);
    }

    /**
     * The value given, else the default.
     *
     * @throws NoSuchElementException when there is neither; {@link #find} is for settings that may be left out
     * @throws IllegalArgumentException when the setting was not declared
     */
    public <T> T get(Setting<T> setting) {
        return find(setting)
                .orElseThrow(() -> new NoSuchElementException(setting.name() + " is not set and has no default"));
    }

    /** The value given, else the default, else empty. */
    public <T> Optional<T> find(Setting<T> setting) {
        return values.find(setting);
    }

    /** Whether the environment or the file has a value, even if it equals the default. */
    public boolean given(Setting<?> setting) {
        return values.given(setting);
    }

    /** What the operator should know although the server can start, one line each. */
    public List<String> warnings() {
        return warnings;
    }
}
