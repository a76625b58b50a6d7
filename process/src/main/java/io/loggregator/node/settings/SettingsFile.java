package io.loggregator.node.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Reads a settings file into a flat map of names to texts. What is wrong with it becomes problems. */
public final class SettingsFile {
    private static final int LARGEST = 1 << 20;
    private static final String SCALARS = "a text, a number, or a list of these";

    private final Path file;
    private final List<Problem> problems;
    private final Map<String, String> values = new LinkedHashMap<>();

    private SettingsFile(Path file, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
    }

    /**
     * Reads a file whose name ends in .properties, .yml or .yaml, of at most 1 MiB.
     *
     * @param problems what is wrong is added to them; what is right is returned all the same
     */
    public static Map<String, String> read(Path file, List<Problem> problems) {
        SettingsFile reading = new SettingsFile(file, problems);
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".properties")) {
            reading.text().ifPresent(reading::properties);
        } else if (name.endsWith(".yml") || name.endsWith(".yaml")) {
            reading.text().ifPresent(reading::yaml);
        } else {
            reading.problem("a name of another kind", "a settings file whose name ends in .properties, .yml or .yaml");
        }
        return reading.values;
    }

    private Optional<String> text() {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                problem("too large", "a settings file of at most 1 MiB");
                return Optional.empty();
            }
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            problem("not UTF-8", "a settings file in UTF-8");
        } catch (IOException e) {
            problem("cannot be read", "a settings file that exists and can be read");
        }
        return Optional.empty();
    }

    private void properties(String text) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            problem("malformed: " + e.getMessage(), "lines of the form NAME=value");
        }
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            values.put(key, properties.getProperty(key));
        }
    }

    private void yaml(String text) {
        try {
            Compose compose = new Compose(LoadSettings.builder()
                    .setLabel(file.toString())
                    .setUseMarks(true)
                    .setSchema(new CoreSchema())
                    .setAllowNonScalarKeys(true)
                    .build());
            Node root = compose.composeString(text).orElse(null);
            if (root == null || root.getTag().equals(Tag.NULL)) {
                return;
            }
            if (!(root instanceof MappingNode map)) {
                problem("no map" + line(root), "lines of the form NAME: value");
                return;
            }
            for (NodeTuple entry : map.getValue()) {
                entry(entry);
            }
        } catch (MarkedYamlEngineException e) {
            // The exception's own message quotes the file, and so perhaps a secret.
            String line = e.getProblemMark()
                    .map(mark -> " in line " + (mark.getLine() + 1))
                    .orElse("");
            problem("malformed" + line + ": " + e.getProblem(), "YAML lines of the form NAME: value");
        } catch (YamlEngineException e) {
            problem("malformed", "YAML lines of the form NAME: value");
        }
    }

    private void entry(NodeTuple entry) {
        if (!(entry.getKeyNode() instanceof ScalarNode key)) {
            problem("a key that is no text" + line(entry.getKeyNode()), "lines of the form NAME: value");
            return;
        }
        String name = key.getValue();
        if (values.containsKey(name)) {
            problems.add(new Problem(name, "given twice" + line(key), "each setting once"));
            return;
        }
        Node value = entry.getValueNode();
        if (value instanceof ScalarNode scalar) {
            values.put(name, scalarText(scalar));
        } else if (value instanceof SequenceNode list) {
            List<String> texts = new ArrayList<>();
            for (Node element : list.getValue()) {
                if (!(element instanceof ScalarNode scalar)) {
                    problems.add(new Problem(name, "a list of lists or maps" + line(element), SCALARS));
                    return;
                }
                texts.add(scalarText(scalar));
            }
            values.put(name, String.join(",", texts));
        } else {
            problems.add(new Problem(name, "a nested map" + line(key), SCALARS));
        }
    }

    /** The text as written; numbers and the like are the setting's business. Null counts as not set. */
    private static String scalarText(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue();
    }

    private static String line(Node node) {
        return node.getStartMark()
                .map(mark -> " in line " + (mark.getLine() + 1))
                .orElse("");
    }

    private void problem(String found, String expected) {
        problems.add(new Problem(file.toString(), found, expected));
    }
}
