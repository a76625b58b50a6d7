package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.nozzle.testkit.Answer;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import java.net.URI;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloudFoundryTest {
    @AutoClose
    private final LoggregatorEndpoint endpoint = LoggregatorEndpoint.start();

    @Test
    void theRootTells() {
        assertThat(CloudFoundry.at(endpoint.http(), TlsOptions.system()))
                .isEqualTo(new CloudFoundry(endpoint.uri(), endpoint.http()));
        assertThat(CloudFoundry.endpointOf(endpoint.http().resolve("/"), TlsOptions.system()))
                .isEqualTo(endpoint.uri());
        assertThat(endpoint.requests().now()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"links\":{\"logging\":null,\"app_usage\":[{\"href\":1}]}}"})
    void elseTheInfoTells(String root) {
        endpoint.answers("/").next(Answer.json(200, root));

        assertThat(CloudFoundry.at(endpoint.http(), TlsOptions.system()).endpoint())
                .isEqualTo(endpoint.uri());
    }

    @Test
    void anApiWithoutARootHasTheInfo() {
        endpoint.answers("/").next(Answer.status(404));

        assertThat(CloudFoundry.at(endpoint.http(), TlsOptions.system()).uaa()).isEqualTo(endpoint.http());
    }

    @Test
    void whatIsNoApiIsToldSo() {
        endpoint.answers("/").next(Answer.json(200, "{}"), Answer.status(200, "<html>"), Answer.redirect("/"));
        endpoint.answers("/v2/info").next(Answer.status(404));

        assertThatThrownBy(this::discover)
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("does not tell of a Loggregator endpoint");
        assertThatThrownBy(this::discover).isInstanceOf(ProtocolException.class).hasMessageContaining("no JSON object");
        assertThatThrownBy(this::discover)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.status()).isEqualTo(302));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://doppler", "wss:/doppler", "not an address", "file:///etc/passwd", ""})
    void whatIsNoEndpointIsNotTaken(String told) {
        endpoint.answers("/").next(Answer.json(200, links(told)));

        assertThatThrownBy(this::discover).isInstanceOf(ProtocolException.class);
    }

    @Test
    void anApiWithTlsHasToTellAddressesWithTls() {
        try (LoggregatorEndpoint secure = LoggregatorEndpoint.startTls()) {
            TlsOptions tls = TlsOptions.insecurelyTrustEverything();
            assertThat(CloudFoundry.endpointOf(secure.http(), tls)).isEqualTo(secure.uri());
            secure.answers("/").next(Answer.json(200, links("ws://doppler.example")));

            assertThatThrownBy(() -> CloudFoundry.at(secure.http(), tls))
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("set it by hand");
        }
    }

    @Test
    void whoIsNotThereIsUnavailable() {
        endpoint.down();

        assertThatThrownBy(this::discover).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> CloudFoundry.at(URI.create("api.example"), TlsOptions.system()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private CloudFoundry discover() {
        return CloudFoundry.at(endpoint.http(), TlsOptions.system());
    }

    private static String links(String logging) {
        return "{\"links\":{\"logging\":{\"href\":\"" + logging + "\"},\"uaa\":{\"href\":\"https://uaa.example\"}}}";
    }
}
