package io.loggregator.node.settings;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The values read so far, by setting; owned by the thread that loads, read-only afterwards. */
final class Values {
    private final Map<String, Setting<?>> declared;
    private final Map<String, String> raw = new HashMap<>();
    private final Map<String, Object> parsed = new HashMap<>();
    private final Set<String> bad = new HashSet<>();

    Values(Map<String, Setting<?>> declared) {
        this.declared = declared;
    }

    /** Knows what was asked for, too: by its alias, or else, if it was not declared, by its default. */
    Values standingIn(List<Setting<?>> asked, List<Settings.Alias<?>> aliases) {
        Map<String, Setting<?>> known = new HashMap<>();
        asked.forEach(setting -> known.put(setting.name(), setting));
        known.putAll(declared);
        Values view = new Values(known);
        view.raw.putAll(raw);
        view.parsed.putAll(parsed);
        for (Settings.Alias<?> alias : aliases) {
            String here = checked(alias.here()).name();
            known.put(alias.asked().name(), declared.get(here));
            if (raw.containsKey(here)) {
                view.good(alias.asked(), raw.get(here), parsed.get(here));
            }
        }
        return view;
    }

    void good(Setting<?> setting, String text, Object value) {
        raw.put(setting.name(), text);
        if (value != null) {
            parsed.put(setting.name(), value);
        }
    }

    void bad(Setting<?> setting, String text) {
        raw.put(setting.name(), text);
        bad.add(setting.name());
    }

    String raw(Setting<?> setting) {
        return raw.get(checked(setting).name());
    }

    boolean given(Setting<?> setting) {
        return raw.containsKey(checked(setting).name());
    }

    @SuppressWarnings("unchecked") // good() stores what the setting of that name parsed
    <T> Optional<T> find(Setting<T> setting) {
        String name = checked(setting).name();
        if (bad.contains(name)) {
            return Optional.empty();
        }
        T value = (T) parsed.get(name);
        return value != null ? Optional.of(value) : ((Setting<T>) declared.get(name)).defaultValue();
    }

    private Setting<?> checked(Setting<?> setting) {
        if (!declared.containsKey(setting.name())) {
            throw new IllegalArgumentException(setting.name() + " was not declared");
        }
        return setting;
    }
}
