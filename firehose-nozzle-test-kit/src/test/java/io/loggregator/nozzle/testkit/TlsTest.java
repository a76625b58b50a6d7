package io.loggregator.nozzle.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.streaming.StreamMessage;
import java.io.ByteArrayInputStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Endpoints with TLS. */
class TlsTest {
    @Test
    void aClientThatTrustsTheEndpointConnects() throws Exception {
        try (LoggregatorEndpoint endpoint = LoggregatorEndpoint.startTls()) {
            endpoint.firehose("nozzle").send(Envelopes.out("app", "a"));

            RawClient client = connect(endpoint, endpoint.clientContext(false));

            assertThat(client.start(-1).next().texts()).containsExactly("a");
            endpoint.firehose("nozzle").awaitConnection(1).reset();
            assertThatThrownBy(client::awaitClose).isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void aClientThatDoesNotTrustItFails() {
        try (LoggregatorEndpoint endpoint = LoggregatorEndpoint.startTls()) {
            assertThatThrownBy(() -> connect(endpoint, SSLContext.getDefault())).hasCauseInstanceOf(SSLException.class);
            assertThat(endpoint.requests().now()).isEmpty();
        }
    }

    @Test
    void aCertificateCanBeForSomebodyElse() {
        try (LoggregatorEndpoint endpoint =
                LoggregatorEndpoint.builder().tlsFor("elsewhere.example").start()) {
            assertThatThrownBy(() -> connect(endpoint, endpoint.clientContext(false)))
                    .hasCauseInstanceOf(SSLException.class)
                    .rootCause()
                    .hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void clientsCanBeAskedForACertificate() throws Exception {
        try (LoggregatorEndpoint endpoint =
                LoggregatorEndpoint.builder().tls().requireClientCertificate().start()) {
            assertThatThrownBy(() -> connect(endpoint, endpoint.clientContext(false)))
                    .isInstanceOf(ExecutionException.class);
            connect(endpoint, endpoint.clientContext(true));
            assertThat(endpoint.clientKeyPem()).startsWith("-----BEGIN PRIVATE KEY-----");
            assertThat(certificate(endpoint.clientCertificatePem()).getIssuerX500Principal())
                    .isEqualTo(certificate(endpoint.authorityPem()).getSubjectX500Principal());
        }
    }

    private static RawClient connect(LoggregatorEndpoint endpoint, SSLContext context) throws Exception {
        return RawClient.connect(
                HttpClient.newBuilder()
                        .sslContext(context)
                        .build()
                        .newWebSocketBuilder()
                        .subprotocols(StreamMessage.SUBPROTOCOL),
                endpoint.uri().resolve("/firehose/nozzle"));
    }

    private static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }
}
