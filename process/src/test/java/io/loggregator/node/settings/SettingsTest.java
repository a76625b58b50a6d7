package io.loggregator.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final Setting<Integer> PORT = Setting.port("ROUTER_PORT", 8082, "Ingress.");
    private static final Setting<Integer> COUNT = Setting.integer("LOGS", 100, 1, 1000, "How many.");
    private static final Setting<Long> SIZE = Setting.bytes("LOG_BYTES", 64L << 20, 1L << 20, 1L << 40, "The log.");
    private static final Setting<Duration> GRACE =
            Setting.duration("GRACE", Duration.ofSeconds(30), Duration.ZERO, Duration.ofHours(1), "Grace.");
    private static final Setting<Boolean> PLAIN = Setting.flag("PLAIN", false, "Plain text.");
    private static final Setting<Path> CERT = Setting.file("CERT_FILE", "Certificate.");
    private static final Setting<Path> KEY = Setting.file("KEY_FILE", "Key.");
    private static final Setting<List<HostPort>> PEERS = Setting.addresses("PEERS", "localhost:8083", "Peers.");
    private static final Setting<HostPort> GATEWAY = Setting.listen("GATEWAY_ADDR", ":8088", "Gateway.");
    private static final Setting<String> NAME = Setting.text("NAME", null, "A name.");
    private static final Setting<List<String>> CLIENTS = Setting.names("CLIENTS", "Who may come.");
    private static final Setting<Void> OLD = Setting.obsolete("INGRESS_BUFFER_SIZE", "there is no such buffer");
    private static final List<Setting<?>> ALL =
            List.of(PORT, COUNT, SIZE, GRACE, PLAIN, CERT, KEY, PEERS, GATEWAY, NAME, CLIENTS, OLD);

    @TempDir
    Path dir;

    @Test
    void anEmptyEnvironmentYieldsTheDefaults() throws InvalidSettings {
        Settings settings = Settings.load(ALL, Map.of(), null);
        assertThat(settings.get(PORT)).isEqualTo(8082);
        assertThat(settings.get(COUNT)).isEqualTo(100);
        assertThat(settings.get(SIZE)).isEqualTo(67_108_864L);
        assertThat(settings.get(GRACE)).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.get(PLAIN)).isFalse();
        assertThat(settings.get(PEERS)).containsExactly(new HostPort("localhost", 8083));
        assertThat(settings.get(GATEWAY)).isEqualTo(new HostPort("0.0.0.0", 8088));
        assertThat(settings.find(CERT)).isEmpty();
        assertThat(settings.find(NAME)).isEmpty();
        assertThat(settings.given(PORT)).isFalse();
        assertThat(settings.warnings()).isEmpty();
        assertThatThrownBy(() -> settings.get(NAME))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("NAME");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ROUTER_PORT  | 0
            ROUTER_PORT  | 65535
            ROUTER_PORT  | ' 8082 '
            LOGS         | 1
            LOGS         | 1000
            LOG_BYTES    | 1048576
            LOG_BYTES    | 1T
            GRACE        | 0
            GRACE        | 1h
            GRACE        | 59m59.5s
            PLAIN        | TRUE
            PLAIN        | f
            PEERS        | a:1,b.c-d:65535 , [::1]:80
            CLIENTS      | ' metron , smoke-test'
            GATEWAY_ADDR | [::]:0
            GATEWAY_ADDR | 127.0.0.1:0
            NAME         | ' spaces stay '
            """)
    void theseValuesAreTaken(String name, String value) throws InvalidSettings {
        Settings settings = Settings.load(ALL, Map.of(name, value), null);
        assertThat(ALL.stream().filter(settings::given))
                .extracting(Setting::name)
                .containsExactly(name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CLIENTS      | a,,b              | one or more names, separated by commas
            CLIENTS      | ','               | one or more names, separated by commas
            ROUTER_PORT  | abc               | a port, 0 to 65535
            ROUTER_PORT  | 65536             | a port, 0 to 65535
            ROUTER_PORT  | -1                | a port, 0 to 65535
            ROUTER_PORT  | 80.5              | a port, 0 to 65535
            ROUTER_PORT  | +80               | a port, 0 to 65535
            ROUTER_PORT  | ٨٠                | a port, 0 to 65535
            ROUTER_PORT  | 99999999999999999999999 | a port, 0 to 65535
            LOGS         | 0                 | a whole number, 1 to 1000
            LOGS         | 1001              | a whole number, 1 to 1000
            LOGS         | 4294967297        | a whole number, 1 to 1000
            LOG_BYTES    | 1023K             | a size such as 67108864, 64MiB (= 64M) or 64MB (decimal), 1MiB to 1TiB
            LOG_BYTES    | 2T                | a size such as 67108864, 64MiB (= 64M) or 64MB (decimal), 1MiB to 1TiB
            LOG_BYTES    | 64 apples         | a size such as 67108864, 64MiB (= 64M) or 64MB (decimal), 1MiB to 1TiB
            GRACE        | 30                | a duration such as 30s, 1m30s or 500ms, 0s to 1h
            GRACE        | -1s               | a duration such as 30s, 1m30s or 500ms, 0s to 1h
            GRACE        | 61m               | a duration such as 30s, 1m30s or 500ms, 0s to 1h
            PLAIN        | yes               | true or false (also t, f, 1, 0)
            CERT_FILE    | /nowhere/cert.pem | a file that exists and can be read
            CERT_FILE    | /                 | a file that exists and can be read
            PEERS        | a:0               | host:port, separated by commas, such as doppler:8083 or [::1]:8083
            PEERS        | a                 | host:port, separated by commas, such as doppler:8083 or [::1]:8083
            PEERS        | a:1,              | host:port, separated by commas, such as doppler:8083 or [::1]:8083
            PEERS        | :1                | host:port, separated by commas, such as doppler:8083 or [::1]:8083
            PEERS        | ::1:80            | host:port, separated by commas, such as doppler:8083 or [::1]:8083
            PEERS        | [beef]:80         | host:port, separated by commas, such as doppler:8083 or [::1]:8083
            PEERS        | http://a:80       | host:port, separated by commas, such as doppler:8083 or [::1]:8083
            GATEWAY_ADDR | 8088              | host:port, or :port for all addresses
            GATEWAY_ADDR | a:65536           | host:port, or :port for all addresses
            """)
    void aBadValueIsNamedWithWhatIsExpected(String name, String value, String expected) {
        assertThat(problems(Map.of(name, value)))
                .containsExactly(name + ": \"" + value + "\" (expected: " + expected + ")");
    }

    @Test
    void allProblemsAreReportedAtOnceInTheOrderOfTheDeclarations() {
        InvalidSettings e = catchThrowableOfType(
                InvalidSettings.class,
                () -> Settings.load(ALL, Map.of("PLAIN", "maybe", "LOGS", "many", "ROUTER_PORT", "abc"), null));
        assertThat(e).hasMessage("""
                        ROUTER_PORT: "abc" (expected: a port, 0 to 65535)
                        LOGS: "many" (expected: a whole number, 1 to 1000)
                        PLAIN: "maybe" (expected: true or false (also t, f, 1, 0))""");
        assertThat(e.problems()).extracting(Problem::setting).containsExactly("ROUTER_PORT", "LOGS", "PLAIN");
    }

    @Test
    void anEmptyValueCountsAsNotSet() throws InvalidSettings {
        assertThat(Settings.load(ALL, Map.of("ROUTER_PORT", ""), null).get(PORT))
                .isEqualTo(8082);
    }

    @Test
    void aRequiredSettingMustBeGiven() {
        List<Setting<?>> declared = List.of(CERT.required(), NAME.required());
        InvalidSettings e =
                catchThrowableOfType(InvalidSettings.class, () -> Settings.load(declared, Map.of("NAME", ""), null));
        assertThat(e.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "CERT_FILE: not set (expected: a file that exists and can be read)",
                        "NAME: not set (expected: some text)");
    }

    @Test
    void theValueOfASecretIsNeverShown() {
        Setting<Integer> secret =
                Setting.integer("PIN", 1, 0, 9999, "A number.").secret();
        InvalidSettings e = catchThrowableOfType(
                InvalidSettings.class, () -> Settings.load(List.of(secret), Map.of("PIN", "hunter2"), null));
        assertThat(e).hasMessage("PIN: (secret value) (expected: a whole number, 0 to 9999)");
    }

    @Test
    void anObsoleteSettingIsAcceptedWithAWarning() throws InvalidSettings {
        Settings settings = Settings.load(ALL, Map.of("INGRESS_BUFFER_SIZE", "10000"), null);
        assertThat(settings.warnings()).containsExactly("INGRESS_BUFFER_SIZE has no effect: there is no such buffer");
        assertThat(settings.find(OLD)).isEmpty();
    }

    @Test
    void otherEnvironmentVariablesAreIgnored() throws InvalidSettings {
        assertThat(Settings.load(ALL, Map.of("PATH", "/bin", "ROUTER_PROT", "1"), null)
                        .get(PORT))
                .isEqualTo(8082);
    }

    @Test
    void valuesFromOutsideAreShownOnOneLineAndCut() {
        assertThat(problems(Map.of("LOGS", "a\nb\"\u001b[31m")))
                .containsExactly("LOGS: \"a\\u000ab\\\"\\u001b[31m\" (expected: a whole number, 1 to 1000)");
        assertThat(problems(Map.of("LOGS", "x".repeat(10_000))))
                .containsExactly("LOGS: \"" + "x".repeat(200) + "…\" (expected: a whole number, 1 to 1000)");
    }

    @Test
    void settingsThatGoTogetherAreReportedInTheSameList() throws Exception {
        Path cert = Files.writeString(dir.resolve("cert.pem"), "x");
        InvalidSettings e = catchThrowableOfType(
                InvalidSettings.class,
                () -> Settings.load(
                        ALL,
                        Map.of("CERT_FILE", cert.toString(), "LOGS", "many"),
                        null,
                        rules -> rules.together(CERT, KEY)));
        assertThat(e.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "LOGS: \"many\" (expected: a whole number, 1 to 1000)",
                        "KEY_FILE: not set (expected: a file that exists and can be read, because CERT_FILE is set)");
    }

    @Test
    void noneOfTheSettingsThatGoTogetherIsFineToo() throws InvalidSettings {
        Settings settings = Settings.load(ALL, Map.of(), null, rules -> rules.together(CERT, KEY));
        assertThat(settings.given(CERT)).isFalse();
    }

    @Test
    void aRuleSeesABadSettingAsGivenButWithoutAValue() {
        assertThat(catchThrowableOfType(
                                InvalidSettings.class,
                                () -> Settings.load(ALL, Map.of("PLAIN", "maybe"), null, rules -> {
                                    assertThat(rules.given(PLAIN)).isTrue();
                                    assertThat(rules.on(PLAIN)).isFalse();
                                    assertThat(rules.find(PLAIN)).isEmpty();
                                    assertThat(rules.find(PORT)).contains(8082);
                                }))
                        .problems())
                .hasSize(1);
    }

    @Test
    void rulesMayRequireRefuseAndWarn() throws InvalidSettings {
        InvalidSettings e = catchThrowableOfType(
                InvalidSettings.class,
                () -> Settings.load(ALL, Map.of("ROUTER_PORT", "8088"), null, rules -> {
                    rules.require(NAME, "PLAIN is off");
                    rules.problem(PORT, "another port than GATEWAY_ADDR has");
                }));
        assertThat(e.problems())
                .extracting(Problem::toString)
                .containsExactly(
                        "NAME: not set (expected: some text, because PLAIN is off)",
                        "ROUTER_PORT: \"8088\" (expected: another port than GATEWAY_ADDR has)");
        assertThat(Settings.load(ALL, Map.of(), null, rules -> rules.warn("careful"))
                        .warnings())
                .containsExactly("careful");
    }

    @Test
    void mistakesInTheProgramAreNotReportedAsMistakesInTheConfiguration() {
        assertThatThrownBy(() -> Setting.integer("X", 11, 0, 10, "Too much."))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the default of X is \"11\"");
        assertThatThrownBy(() -> Settings.load(List.of(PORT, PORT), Map.of(), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("declared twice");
        assertThatThrownBy(() -> Settings.load(List.of(PORT), Map.of(), null).get(COUNT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LOGS was not declared");
        assertThatThrownBy(OLD::required).isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> problems(Map<String, String> environment) {
        return catchThrowableOfType(InvalidSettings.class, () -> Settings.load(ALL, environment, null))
                .problems()
                .stream()
                .map(Problem::toString)
                .toList();
    }

    private enum Mode {
        OFF,
        ACCEPT
    }

    @Test
    void aChoiceIsOneOfItsWords() throws InvalidSettings {
        Setting<Mode> mode = Setting.choice("MODE", Mode.OFF, "How.");
        assertThat(Settings.load(List.of(mode), Map.of(), null).get(mode)).isEqualTo(Mode.OFF);
        assertThat(Settings.load(List.of(mode), Map.of("MODE", " Accept "), null)
                        .get(mode))
                .isEqualTo(Mode.ACCEPT);
        assertThat(problemOf(mode, "always")).contains("MODE", "\"always\"", "one of off, accept");
    }

    @Test
    void settingsCanStandInForThoseOfAnotherServer() throws InvalidSettings {
        Setting<String> agent = Setting.text("AGENT", "here", "Where.");
        Setting<Integer> port = Setting.port("ROUTER_PORT", 9000, "Another default.");
        Setting<String> agentAsked = Setting.text("AGENT_ADDRESS", "nowhere", "Where.");
        List<Setting<?>> asked = List.of(PORT, COUNT, NAME, agentAsked);
        List<Settings.Alias<?>> aliases = List.of(new Settings.Alias<>(agentAsked, agent));

        Settings given = Settings.load(List.of(port, agent), Map.of("AGENT", "there", "ROUTER_PORT", "1"), null)
                .standingIn(asked, aliases);
        assertThat(given.get(agentAsked)).isEqualTo("there");
        assertThat(given.given(agentAsked)).isTrue();
        assertThat(given.get(PORT)).isEqualTo(1);
        assertThat(given.get(COUNT)).as("not declared").isEqualTo(100);
        assertThat(given.find(NAME)).isEmpty();

        Settings defaults = Settings.load(List.of(port, agent), Map.of(), null).standingIn(asked, aliases);
        assertThat(defaults.get(agentAsked)).as("the default is that of here").isEqualTo("here");
        assertThat(defaults.given(agentAsked)).isFalse();
        assertThat(defaults.get(PORT)).isEqualTo(9000);
        assertThatThrownBy(() -> defaults.get(CLIENTS)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSettingCanBeToldInOtherWords() {
        Setting<Integer> other = PORT.withHelp("Egress.");
        assertThat(other).isEqualTo(PORT);
        assertThat(other.help()).isEqualTo("Egress.");
        assertThat(other.defaultValue()).contains(8082);
        assertThat(Setting.text("KEY", null, "Old.").secret().withHelp("New.").isSecret())
                .isTrue();
    }

    @Test
    void networksAreAList() throws InvalidSettings {
        Setting<List<Network>> networks = Setting.networks("NETWORKS", "Where.");
        assertThat(Settings.load(List.of(networks), Map.of("NETWORKS", "10.0.0.0/8, ::1"), null)
                        .get(networks))
                .containsExactly(Network.parse("10.0.0.0/8"), Network.parse("::1"));
        assertThat(problemOf(networks, "10.0.0.0/8,localhost")).contains("NETWORKS", "10.0.0.0/8,fd00::/8");
    }

    @Test
    void aFileToWriteNeedsItsDirectoryOnly() throws Exception {
        Setting<Path> file = Setting.fileToWrite("OUT", "Where to.");
        Path there = Files.createFile(dir.resolve("there"));
        for (Path path : List.of(there, dir.resolve("not-yet"))) {
            assertThat(Settings.load(List.of(file), Map.of("OUT", path.toString()), null)
                            .get(file))
                    .isEqualTo(path);
        }
        assertThat(problemOf(file, dir.toString())).contains("OUT");
        assertThat(problemOf(file, dir.resolve("missing/file").toString())).contains("directory that exists");
    }

    private static String problemOf(Setting<?> setting, String value) {
        InvalidSettings invalid = catchThrowableOfType(
                InvalidSettings.class, () -> Settings.load(List.of(setting), Map.of(setting.name(), value), null));
        return invalid.problems().toString();
    }
}
