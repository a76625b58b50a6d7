package io.loggregator.trafficcontroller.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which settings make authorities, and what is said about those that do not. */
class AccessSettingsTest {
    @TempDir
    private Path directory;

    private static Settings load(Map<String, String> environment) throws InvalidSettings {
        return Settings.load(AccessSettings.ALL, environment, null, rules -> AccessSettings.rules(rules, false));
    }

    private static void refused(Map<String, String> environment, String... said) {
        assertThatThrownBy(() -> load(environment))
                .isInstanceOfSatisfying(
                        InvalidSettings.class,
                        problems -> assertThat(problems.problems().toString()).contains(said));
    }

    private String file() throws Exception {
        return Files.writeString(directory.resolve("file"), "x").toString();
    }

    @Test
    void withoutAnAuthorityNobodyCouldRead() {
        refused(
                Map.of(),
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL",
                "TRAFFIC_CONTROLLER_UAA_HOST",
                "TRAFFIC_CONTROLLER_API_HOST",
                "JWT_JWKS_URL",
                "JWT_KEY_FILE");
    }

    @Test
    void openAccessIsToldLoudly() throws Exception {
        assertThat(load(Map.of("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true"))
                        .warnings())
                .anySatisfy(warning -> assertThat(warning).contains("EVERYBODY"));
    }

    @Test
    void twoAuthoritiesForOneQuestionAreRefused() throws Exception {
        refused(
                Map.of("TRAFFIC_CONTROLLER_UAA_HOST", "https://uaa", "JWT_KEY_FILE", file()),
                "TRAFFIC_CONTROLLER_UAA_HOST",
                "not set together with JWT_KEY_FILE");
        refused(
                Map.of("JWT_JWKS_URL", "https://uaa/token_keys", "JWT_KEY_FILE", file()),
                "not set together with JWT_KEY_FILE");
        refused(
                Map.of(
                        "JWT_KEY_FILE", file(),
                        "JWT_APP_SCOPE", "read.{app}",
                        "TRAFFIC_CONTROLLER_API_HOST", "https://cc"),
                "not set together with JWT_APP_SCOPE");
    }

    @Test
    void uaaNeedsItsSecretAndItsCa() {
        refused(
                Map.of("TRAFFIC_CONTROLLER_UAA_HOST", "https://uaa"),
                "TRAFFIC_CONTROLLER_UAA_CLIENT_SECRET",
                "TRAFFIC_CONTROLLER_UAA_CA_CERT");
    }

    @Test
    void theCloudControllerNeedsACertificate() {
        refused(Map.of("TRAFFIC_CONTROLLER_API_HOST", "https://cc:9023"), "CC_CERT_FILE", "CC_CA_FILE");
    }

    @Test
    void tokensDoNotTravelInPlainText() {
        refused(Map.of("TRAFFIC_CONTROLLER_UAA_HOST", "http://uaa"), "LOGGREGATOR_INSECURE=true");
        refused(Map.of("JWT_JWKS_URL", "http://uaa/token_keys"), "LOGGREGATOR_INSECURE=true");
    }

    @Test
    void noAlgorithmNeedsASharedSecret() throws Exception {
        for (String algorithms : new String[] {"none", "HS256", "RS256,HS512", ",", "rs256"}) {
            refused(Map.of("JWT_KEY_FILE", file(), "JWT_ALGORITHMS", algorithms), "JWT_ALGORITHMS", "RS256");
        }
        assertThat(AccessSettings.algorithms("RS256, ES384")).hasSize(2);
    }

    @Test
    void anAppsScopeHasAPlaceForTheApp() throws Exception {
        refused(Map.of("JWT_KEY_FILE", file(), "JWT_APP_SCOPE", "logs.read"), "{app}", "JWT_ALL_APPS_SCOPE");
    }

    @Test
    void aQuestionThatNobodyDecidesIsToldAtTheStart() throws Exception {
        assertThat(load(Map.of(
                                "TRAFFIC_CONTROLLER_UAA_HOST", "https://uaa",
                                "TRAFFIC_CONTROLLER_UAA_CLIENT_SECRET", "s",
                                "TRAFFIC_CONTROLLER_UAA_CA_CERT", file()))
                        .warnings())
                .anySatisfy(warning -> assertThat(warning).contains("no authority for apps"));
    }
}
