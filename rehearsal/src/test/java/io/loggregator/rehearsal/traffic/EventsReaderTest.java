package io.loggregator.rehearsal.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.load.Keys;
import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Stamp;
import io.loggregator.benchmarks.load.Transport;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.rehearsal.nodes.Await;
import io.netty.channel.EventLoopGroup;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader of server-sent events, with a server of the test's own. */
@Timeout(60)
class EventsReaderTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int PHASE = 7;

    private final Vertx vertx = Vertx.vertx();
    private final EventLoopGroup group = Transport.loop();
    private final List<HttpServerRequest> requests = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Endpoint server(Path directory) throws Exception {
        Credentials credentials = new Credentials(directory);
        Keys own = credentials.of(Credentials.EDGE);
        HttpServerOptions tls =
                TlsMaterial.load(own.certificate(), own.key(), own.ca()).applyTo(new HttpServerOptions(), false);
        int port = vertx.createHttpServer(tls)
                .requestHandler(request -> {
                    request.response().setChunked(true).write(": hello\n\n");
                    requests.add(request);
                })
                .listen(0, Credentials.HOST)
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
        return new Endpoint(
                port,
                TlsMaterial.trusting(credentials.ca())
                        .clientContext(Credentials.EDGE)
                        .build());
    }

    private static String data(long number) {
        byte[] payload = new byte[PreparedBatch.PAYLOAD_BYTES];
        Stamp.init(payload, 0, 0);
        Stamp.patch(payload, 0, PHASE, number, System.nanoTime());
        return "data: {\"batch\":[{\"log\":{\"payload\":\""
                + Base64.getEncoder().encodeToString(payload) + "\"}}]}\n";
    }

    @Test
    void comesAgainWithTheIdOfTheLastEventThatItHasWhole(@TempDir Path directory) throws Exception {
        Reader reader = Reader.events(group.next(), List.of(server(directory)));
        Await.until(LIMIT, "it is there", () -> reader.open() && requests.size() == 1);
        reader.begin(PHASE, 1);
        assertThat(requests.get(0).getHeader("Last-Event-ID")).isNull();

        requests.get(0).response().end("id: A1\n" + data(0) + "\nid: A2\n" + data(1));
        Await.until(LIMIT, "it is there again", () -> reader.open() && requests.size() == 2);
        assertThat(requests.get(1).getHeader("Last-Event-ID")).isEqualTo("A1");

        requests.get(1).response().write("id: A2\n" + data(1) + "\n");
        Await.until(LIMIT, "all has come", () -> reader.settled() == 2);
        assertThat(reader.outcome(new long[] {2}).duplicates()).isZero();
        assertThat(reader.missedAway()).as("somebody keeps it for the reader").isZero();
    }
}
