package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nozzles behind an HTTP proxy. */
@SuppressWarnings("try") // nozzles that are only to be there
class ProxyTest {
    private static final String OPEN = "HTTP/1.1 200 Connection established\r\n\r\n";

    private final Received received = new Received();
    private final Proxy proxy = new Proxy();
    private LoggregatorEndpoint server = LoggregatorEndpoint.start();

    @TempDir
    private Path directory;

    ProxyTest() throws IOException {}

    /** Answers each CONNECT with the same bytes, and connects if they say so. */
    private static final class Proxy implements AutoCloseable {
        final List<String> requests = new CopyOnWriteArrayList<>();
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private volatile String answer = OPEN;
        private volatile int byteMillis;

        Proxy() throws IOException {
            run(this::accept);
        }

        InetSocketAddress address() {
            return InetSocketAddress.createUnresolved("127.0.0.1", listening.getLocalPort());
        }

        private void accept() throws IOException {
            while (true) {
                Socket client = listening.accept();
                sockets.add(client);
                run(() -> serve(client));
            }
        }

        private void serve(Socket client) throws IOException {
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                request.append((char) client.getInputStream().read());
            }
            requests.add(request.toString());
            OutputStream out = client.getOutputStream();
            for (byte one : answer.getBytes(StandardCharsets.UTF_8)) {
                out.write(one);
                pause(client);
            }
            if (answer.equals(OPEN)) {
                int port = Integer.parseInt(request.substring(request.indexOf(":") + 1, request.indexOf(" HTTP/")));
                Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
                sockets.add(to);
                run(() -> pass(client, to));
                pass(to, client);
            } else if (!answer.isEmpty()) {
                client.close();
            }
        }

        /** Waits for the client to leave, for so long. */
        private void pause(Socket client) throws IOException {
            if (byteMillis == 0) {
                return;
            }
            client.setSoTimeout(byteMillis);
            try {
                if (client.getInputStream().read() < 0) {
                    throw new EOFException("the client has left");
                }
            } catch (SocketTimeoutException stillThere) {
                return;
            }
        }

        private static void pass(Socket from, Socket to) throws IOException {
            try (from;
                    to;
                    InputStream in = from.getInputStream()) {
                in.transferTo(to.getOutputStream());
            }
        }

        private interface Work {
            void run() throws IOException;
        }

        private static void run(Work work) {
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                } catch (IOException closed) {
                    // By one side or the other.
                    return;
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        proxy.close();
    }

    private Nozzle.Builder builder(URI endpoint) {
        return Nozzle.builder()
                .endpoint(endpoint)
                .firehose("nozzle")
                .proxy(proxy.address())
                .connectTimeout(Duration.ofMillis(500))
                .backOff(new BackOff(Duration.ofMillis(1), Duration.ofMillis(50)))
                .handler(received);
    }

    private static Nozzle started(Nozzle.Builder builder) {
        Nozzle nozzle = builder.build();
        nozzle.start();
        return nozzle;
    }

    private static Throwable end(Nozzle nozzle) {
        return catchThrowable(() -> nozzle.ended().toCompletableFuture().get(20, TimeUnit.SECONDS))
                .getCause();
    }

    /** What a nozzle that goes on trying was told last. */
    private static Throwable lastError(Nozzle nozzle) {
        await().until(() -> nozzle.health().lastError().isPresent());
        return nozzle.health().lastError().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "wss", "http", "https"})
    void everyTransportGoesThroughIt(String scheme) throws Exception {
        TlsOptions tls = TlsOptions.system();
        if (List.of("wss", "https").contains(scheme)) {
            server.close();
            server = LoggregatorEndpoint.startTls();
            tls = TlsOptions.trusting(Files.writeString(directory.resolve("ca.pem"), server.authorityPem()));
        }
        URI endpoint = URI.create(scheme + "://127.0.0.1:" + server.uri().getPort());
        try (Nozzle nozzle = started(builder(endpoint).tls(tls).connectTimeout(Duration.ofSeconds(10)))) {
            server.firehose("nozzle").send(Platform.log("app", "one"));
            received.awaitLines("one");
            assertThat(proxy.requests).hasSize(1);
            assertThat(proxy.requests.get(0))
                    .startsWith("CONNECT 127.0.0.1:" + endpoint.getPort() + " HTTP/1.1\r\n")
                    .doesNotContain("Authorization");
        }
    }

    @Test
    void aUserIsToldToTheProxyAndNotToTheServer() {
        try (Nozzle nozzle = started(builder(server.http()).proxy(proxy.address(), "me", "söcret"))) {
            server.firehose("nozzle").send(Platform.log("app", "one"));
            received.awaitLines("one");
            assertThat(proxy.requests.get(0)).contains("\r\nProxy-Authorization: Basic bWU6c8O2Y3JldA==\r\n");
            assertThat(server.requests().now().get(0).header("proxy-authorization"))
                    .isEmpty();
        }
    }

    @Test
    void aProxyThatWantsAUserIsNotAskedAgain() {
        proxy.answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n\r\nwho?\n";
        assertThat(end(started(builder(server.uri())))).isInstanceOfSatisfying(RefusedException.class, refused -> {
            assertThat(refused.status()).isEqualTo(407);
            assertThat(refused)
                    .hasMessageStartingWith("the proxy 127.0.0.1:")
                    .hasMessageContaining("(who?)")
                    .hasMessageEndingWith("It wants a user and a password, or others");
        });
        assertThat(proxy.requests).hasSize(1);
    }

    @Test
    void whatAProxyRefusesIsNotTakenForARefusedToken() {
        proxy.answer = "HTTP/1.1 401 Unauthorized\r\n\r\n";
        assertThat(end(started(builder(server.uri()).token(Tokens.of("token")))))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void aProxyThatCannotConnectIsAskedAgain() {
        proxy.answer = "HTTP/1.1 502 Bad Gateway\r\n\r\n";
        try (Nozzle nozzle = started(builder(server.uri()))) {
            assertThat(lastError(nozzle)).isInstanceOf(RefusedException.class).hasMessageContaining("502");
            proxy.answer = OPEN;
            server.firehose("nozzle").send(Platform.log("app", "one"));
            received.awaitLines("one");
        }
    }

    @Test
    void garbageOfAProxyIsSaidToBeTheProxys() {
        proxy.answer = "SSH-2.0-OpenSSH_9.2\r\n\r\n";
        assertThat(end(started(builder(server.http()))))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("through the proxy 127.0.0.1:")
                .hasMessageContaining("the proxy gave an answer that is not HTTP");
    }

    @Test
    void aProxyThatSaysNothingIsLeftInTime() {
        proxy.answer = "";
        try (Nozzle nozzle = started(builder(server.uri()))) {
            assertThat(lastError(nozzle))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("did not answer within 500 ms: the proxy");
        }
    }

    @Test
    void aProxyThatAnswersAByteNowAndThenIsLeftInTime() {
        proxy.answer = "HTTP/1.1 200 " + "x".repeat(10_000);
        proxy.byteMillis = 50;
        try (Nozzle nozzle = started(builder(server.uri()))) {
            assertThat(lastError(nozzle))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("did not answer within 500 ms: the proxy");
        }
    }

    @Test
    void aProxyThatIsNotThereIsNamed() throws IOException {
        proxy.close();
        try (Nozzle nozzle = started(builder(server.uri()))) {
            assertThat(lastError(nozzle))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("through the proxy 127.0.0.1:");
        }
    }
}
