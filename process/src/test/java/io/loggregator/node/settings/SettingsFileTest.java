package io.loggregator.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsFileTest {
    private static final Setting<Integer> PORT = Setting.port("ROUTER_PORT", 8082, "Ingress.");
    private static final Setting<Long> SIZE = Setting.bytes("LOG_BYTES", 1 << 20, 0, 1 << 30, "The log.");
    private static final Setting<List<HostPort>> PEERS = Setting.addresses("PEERS", null, "Peers.");
    private static final Setting<String> NAME = Setting.text("NAME", null, "A name.");
    private static final List<Setting<?>> ALL = List.of(PORT, SIZE, PEERS, NAME);

    @TempDir
    Path dir;

    @ParameterizedTest
    @ValueSource(strings = {"s.yml", "s.yaml", "S.YML"})
    void yamlIsReadAsAFlatMapAndListsAreJoined(String name) throws Exception {
        Settings settings = load(name, """
                # a comment
                ROUTER_PORT: 9000
                LOG_BYTES: 4MiB
                PEERS: [ "a:1", 'b:2' ]
                NAME: 010
                """);
        assertThat(settings.get(PORT)).isEqualTo(9000);
        assertThat(settings.get(SIZE)).isEqualTo(4L << 20);
        assertThat(settings.get(PEERS)).containsExactly(new HostPort("a", 1), new HostPort("b", 2));
        assertThat(settings.get(NAME)).isEqualTo("010");
        assertThat(settings.given(PORT)).isTrue();
    }

    @Test
    void propertiesAreRead() throws Exception {
        Settings settings = load("s.properties", "ROUTER_PORT=9000\nPEERS = a:1,b:2\nNAME=grün\n");
        assertThat(settings.get(PORT)).isEqualTo(9000);
        assertThat(settings.get(PEERS)).hasSize(2);
        assertThat(settings.get(NAME)).isEqualTo("grün");
    }

    @Test
    void theEnvironmentWinsUnlessItIsEmpty() throws Exception {
        Path file = Files.writeString(dir.resolve("s.yml"), "ROUTER_PORT: 9000\nNAME: file\n");
        Settings settings = Settings.load(ALL, Map.of("ROUTER_PORT", "9001", "NAME", ""), file);
        assertThat(settings.get(PORT)).isEqualTo(9001);
        assertThat(settings.get(NAME)).isEqualTo("file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "ROUTER_PORT:\n", "ROUTER_PORT: ~\n", "ROUTER_PORT: ''\n"})
    void emptyFilesAndEmptyValuesLeaveTheDefaults(String yaml) throws Exception {
        Settings settings = load("s.yml", yaml);
        assertThat(settings.given(PORT)).isFalse();
        assertThat(settings.get(PORT)).isEqualTo(8082);
    }

    @Test
    void anUnknownKeyIsAProblemWithASuggestionAndWithoutItsValue() {
        assertThat(problems("s.yml", "ROUTER_PROT: 9000\nNMAE: hunter2\nSOMETHING_ELSE: 1\n"))
                .containsExactly(
                        "ROUTER_PROT: unknown setting (expected: a known setting, did you mean ROUTER_PORT?)",
                        "NMAE: unknown setting (expected: a known setting, did you mean NAME?)",
                        "SOMETHING_ELSE: unknown setting (expected: a known setting, see the settings reference)");
        assertThat(problems("s.properties", "router-port=1\n"))
                .containsExactly("router-port: unknown setting (expected: a known setting, did you mean ROUTER_PORT?)");
    }

    @Test
    void aNestedMapIsNamedWithItsKeyAndLine() {
        assertThat(problems("s.yml", "ROUTER_PORT: 9000\nNAME:\n  inner: 1\n"))
                .containsExactly("NAME: a nested map in line 2 (expected: a text, a number, or a list of these)");
        assertThat(problems("s.yml", "PEERS:\n  - a:1\n  - [b:2]\n"))
                .containsExactly(
                        "PEERS: a list of lists or maps in line 3 (expected: a text, a number, or a list of these)");
    }

    @Test
    void aKeyGivenTwiceIsAProblem() {
        assertThat(problems("s.yml", "NAME: a\nNAME: b\n"))
                .containsExactly("NAME: given twice in line 2 (expected: each setting once)");
    }

    @Test
    void malformedYamlIsNamedWithItsLineAndWithoutItsText() {
        assertThat(problems("s.yml", "ROUTER_PORT: 1\nNAME: \"hunter2\n"))
                .singleElement()
                .satisfies(problem -> assertThat(problem)
                        .startsWith(dir.resolve("s.yml") + ": malformed in line ")
                        .doesNotContain("hunter2"));
        assertThat(problems("s.yml", "- a\n- b\n"))
                .containsExactly(dir.resolve("s.yml") + ": no map in line 1 (expected: lines of the form NAME: value)");
        assertThat(problems("s.yml", "? [a]\n: b\n"))
                .containsExactly(dir.resolve("s.yml")
                        + ": a key that is no text in line 1 (expected: lines of the form NAME: value)");
    }

    @Test
    void aMalformedEscapeInPropertiesIsAProblem() {
        assertThat(problems("s.properties", "NAME=\\uZZZZ\n"))
                .singleElement()
                .asString()
                .contains("malformed");
    }

    @Test
    void aFileThatCannotBeUsedIsAProblemBesideTheOthers() throws IOException {
        Path missing = dir.resolve("missing.yml");
        InvalidSettings e = catchThrowableOfType(
                InvalidSettings.class, () -> Settings.load(ALL, Map.of("ROUTER_PORT", "abc"), missing));
        assertThat(e.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "ROUTER_PORT: \"abc\" (expected: a port, 0 to 65535)",
                        missing + ": cannot be read (expected: a settings file that exists and can be read)");

        assertThat(problems("s.json", "{}")).singleElement().asString().contains(".properties, .yml or .yaml");
        assertThat(problems("s.yml", "NAME: " + "x".repeat(1 << 20)))
                .singleElement()
                .asString()
                .contains("too large");

        Path latin = Files.write(dir.resolve("latin.properties"), new byte[] {'N', '=', (byte) 0xfc});
        assertThat(catchThrowableOfType(InvalidSettings.class, () -> Settings.load(ALL, Map.of(), latin)))
                .hasMessageContaining("not UTF-8");
    }

    private Settings load(String name, String content) throws Exception {
        return Settings.load(ALL, Map.of(), Files.writeString(dir.resolve(name), content));
    }

    private List<String> problems(String name, String content) {
        return catchThrowableOfType(InvalidSettings.class, () -> load(name, content)).problems().stream()
                .map(Problem::toString)
                .toList();
    }
}
