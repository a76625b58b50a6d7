package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.cli.client.TestServer;
import io.loggregator.cli.output.V1;
import io.loggregator.node.process.ExitCodes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class FirehoseCommandTest {
    @TempDir
    private Path directory;

    @Test
    void printsLogsAndMetricsWithTheirSource() {
        try (TestServer server = server(new HttpServerOptions())) {
            CommandRun firehose = CommandRun.of("firehose", "my nozzle", "--addr", server.url(), "--max", "2");
            assertThat(firehose.status()).isZero();
            assertThat(firehose.out()).contains(" app-1 [APP/PROC/WEB/0] OUT hello\n", " gorouter COUNTER requests +3");
            assertThat(server.seen().get(0).uri()).isEqualTo("/firehose/my%20nozzle");
        }
    }

    @Test
    void aFilterIsAskedOfTheServer() {
        try (TestServer server = server(new HttpServerOptions())) {
            CommandRun firehose =
                    CommandRun.of("firehose", "x", "--filter", "metrics", "--addr", server.url(), "--max", "1");
            assertThat(firehose.status()).isZero();
            assertThat(server.seen().get(0).uri()).isEqualTo("/firehose/x?filter-type=metrics");
        }
    }

    @Test
    void jsonIsOneObjectPerLine() {
        try (TestServer server = server(new HttpServerOptions())) {
            CommandRun firehose = CommandRun.of("firehose", "x", "--json", "--addr", server.url(), "--max", "2");
            assertThat(firehose.status()).isZero();
            assertThat(firehose.out().lines()).hasSize(2).allMatch(line -> line.startsWith("{\"origin\":\"gorouter\""));
        }
    }

    @Test
    void aFilterThatThereIsNotIsAUsageError() {
        CommandRun firehose = CommandRun.of("firehose", "x", "--filter", "events");
        assertThat(firehose.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(firehose.err()).contains("--filter").contains("'loggregator firehose --help'");
    }

    @Test
    void tlsTrustsWhatItIsToldToTrust() {
        assertThat(CommandRun.of("certs", directory.toString()).status()).isZero();
        HttpServerOptions tls = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(directory.resolve("edge.crt").toString())
                        .addKeyPath(directory.resolve("edge.key").toString()));
        try (TestServer server = server(tls)) {
            String address = "localhost:" + server.port();
            CommandRun trusting = CommandRun.of(
                    "firehose",
                    "x",
                    "--addr",
                    address,
                    "--ca",
                    directory.resolve("ca.crt").toString(),
                    "--max",
                    "2");
            assertThat(trusting.status()).as(trusting::err).isZero();

            CommandRun suspicious = CommandRun.of("firehose", "x", "--addr", "wss://" + address);
            assertThat(suspicious.status()).isEqualTo(ExitCodes.UNAVAILABLE);
            assertThat(suspicious.err()).contains("--ca");

            CommandRun plain = CommandRun.of("firehose", "x", "--addr", "ws://" + address);
            assertThat(plain.status()).isNotZero();
            assertThat(plain.err()).contains("TLS");
        }
    }

    @Test
    void tlsToAServerWithoutItSaysSo() {
        try (TestServer server = server(new HttpServerOptions())) {
            CommandRun firehose = CommandRun.of("firehose", "x", "--addr", "wss://127.0.0.1:" + server.port());
            assertThat(firehose.status()).isEqualTo(ExitCodes.UNAVAILABLE);
            assertThat(firehose.err()).contains("does not speak TLS");
        }
    }

    @Test
    void filesThatAreNotThereAreNamed() {
        CommandRun firehose = CommandRun.of("firehose", "x", "--ca", "/no/such.crt", "--addr", "wss://localhost:1");
        assertThat(firehose.status()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(firehose.err()).contains("--ca: the file /no/such.crt does not exist");
    }

    private static TestServer server(HttpServerOptions options) {
        return new TestServer(
                options,
                0,
                request -> request.toWebSocket().onSuccess(socket -> {
                    socket.writeBinaryMessage(Buffer.buffer(V1.log("hello").toByteArray()));
                    socket.writeBinaryMessage(
                            Buffer.buffer(V1.counter("requests", 3, 5).toByteArray()));
                }));
    }
}
