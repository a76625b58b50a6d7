package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.cli.Main;
import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.node.process.ExitCodes;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever collects a server's log, and gets stuck, stops neither the server nor its end. */
class UnreadLogTest {
    /** Two lines of 150 bytes for each: more than a pipe and the reader's buffer hold. */
    private static final int LINKS = 500;

    @Test
    @Timeout(120)
    void aServerWhoseLogNobodyReadsGoesOnAndStopsInOrder() throws Exception {
        List<String> command = new ArrayList<>(ServerProcess.java(Main.class));
        command.add("doppler");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("LOGGREGATOR_INSECURE", "true");
        builder.environment().put("DOPPLER_HOST", "127.0.0.1");
        builder.environment().put("ROUTER_PORT", "0");
        builder.environment().put("DOPPLER_LINK_PORT", "0");
        builder.environment().put("DOPPLER_HEALTH_PORT", "0");
        builder.environment().put("STOP_TIMEOUT", "10s");
        Process server = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            BufferedReader log = server.errorReader(StandardCharsets.UTF_8);
            int link = boundPort(log, "link");
            int diagnostics = boundPort(log, "pprof");
            URI health = URI.create("http://127.0.0.1:" + diagnostics + "/health");

            HttpClient client = HttpClient.newHttpClient();
            for (int i = 0; i < LINKS; i++) {
                linkThatEnds(client, link);
            }

            HttpRequest ask = HttpRequest.newBuilder(health)
                    .timeout(Duration.ofSeconds(20))
                    .build();
            assertThat(client.send(ask, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            server.toHandle().destroy();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(ExitCodes.OK);
        } finally {
            server.destroyForcibly();
        }
    }

    private static int boundPort(BufferedReader log, String what) throws IOException {
        while (true) {
            String line = log.readLine();
            assertThat(line).as("a line with the port of " + what).isNotNull();
            if (line.startsWith(what + " bound to: ")) {
                return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            }
        }
    }

    /** Leaves two lines in the Doppler's log. */
    private static void linkThatEnds(HttpClient client, int port) throws Exception {
        CompletableFuture<Void> welcome = new CompletableFuture<>();
        WebSocket link = client.newWebSocketBuilder()
                .subprotocols("loggregator.link.v1")
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/link"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
                        welcome.complete(null);
                        return null;
                    }
                })
                .get(20, TimeUnit.SECONDS);
        Hello hello = Hello.newBuilder()
                .setTrafficController("one-of-many-that-come-and-go-and-leave-lines-behind")
                .build();
        ByteBuffer message = ByteBuffer.wrap(
                LinkFrame.encode(ToDoppler.newBuilder().setHello(hello).build()));
        link.sendBinary(message, true).get(20, TimeUnit.SECONDS);
        welcome.get(20, TimeUnit.SECONDS);
        link.abort();
    }
}
