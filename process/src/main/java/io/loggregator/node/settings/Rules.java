package io.loggregator.node.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a rule over several settings sees and may do. Rules run after the single settings were read, also when some of
 * those were bad, so that all problems are found at once: a bad setting counts as {@link #given} but has no value.
 */
public final class Rules {
    private final Values values;
    private final List<Problem> problems;
    private final List<String> warnings;

    Rules(Values values, List<Problem> problems, List<String> warnings) {
        this.values = values;
        this.problems = problems;
        this.warnings = warnings;
    }

    /** The value given, else the default; empty when there is neither, or when the value given is bad. */
    public <T> Optional<T> find(Setting<T> setting) {
        return values.find(setting);
    }

    /** Whether the environment or the file has a value, good or bad. */
    public boolean given(Setting<?> setting) {
        return values.given(setting);
    }

    /** Whether a flag is on; false too when its value is bad. */
    public boolean on(Setting<Boolean> flag) {
        return find(flag).orElse(false);
    }

    /** Adds a problem with this setting; its value is shown as for the problems of single settings. */
    public void problem(Setting<?> setting, String expected) {
        problems.add(Problem.of(setting, values.raw(setting), expected));
    }

    /** Adds a warning: the server starts, but the operator should know. */
    public void warn(String warning) {
        warnings.add(warning);
    }

    /** Reports each of these that is missing while another is given, such as a certificate without its key. */
    public void together(Setting<?>... settings) {
        List<Setting<?>> present = Arrays.stream(settings).filter(this::given).collect(Collectors.toList());
        if (present.isEmpty()) {
            return;
        }
        for (Setting<?> setting : settings) {
            if (!given(setting) && !setting.isRequired()) {
                problem(
                        setting,
                        setting.expectation() + ", because "
                                + present.stream().map(Setting::name).collect(Collectors.joining(" and "))
                                + (present.size() == 1 ? " is set" : " are set"));
            }
        }
    }

    /** Reports the setting when it is not given; {@code because} says what makes it necessary, as in "ROUTER_PORT is set". */
    public void require(Setting<?> setting, String because) {
        if (!given(setting) && !setting.isRequired()) {
            problem(setting, setting.expectation() + ", because " + because);
        }
    }
}
