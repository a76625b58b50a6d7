package io.loggregator.nozzle.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Tokens;
import io.loggregator.nozzle.testkit.Envelopes;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guide shows to those who come from other libraries. */
class MigrationTest {
    private static final long LIMIT_SECONDS = 20;

    @Test
    void theNozzleThatWasWrittenWithNoaaPrintsLinesAndTellsOfLoss(@TempDir Path directory) throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        try (LoggregatorEndpoint server = LoggregatorEndpoint.startTls()) {
            server.accept("secret");
            Path authorities = Files.writeString(directory.resolve("ca.pem"), server.authorityPem());
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            Thread nozzle = new Thread(() -> {
                try {
                    FromNoaa.read(server.uri(), authorities, Tokens.of("secret"));
                } catch (InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            });
            nozzle.start();
            ScriptedStream stream = server.firehose("my-nozzle");
            stream.send(Envelopes.out("my-app", "hello")).gap(7).send(Envelopes.out("my-app", "again"));
            stream.awaitAcknowledged(2);
            nozzle.interrupt();
            nozzle.join();
        } finally {
            System.setOut(out);
            System.setErr(err);
        }

        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("my-app hello", "my-app again");
        assertThat(complained.toString(StandardCharsets.UTF_8)).contains("lost Gap[count=OptionalLong[7]");
    }

    @Test
    void theNozzleThatWasWrittenWithCfJavaClientFindsItsEndpointAndPublishes() throws Exception {
        CompletableFuture<Envelope> first = new CompletableFuture<>();
        try (LoggregatorEndpoint server = LoggregatorEndpoint.start()) {
            server.requireTokens().uaa().client("nozzle", "secret");
            FromCfJavaClient.firehose(server.http(), "nozzle", "secret").subscribe(new Flow.Subscriber<>() {
                private Flow.Subscription subscription;

                @Override
                public void onSubscribe(Flow.Subscription to) {
                    subscription = to;
                    subscription.request(1);
                }

                @Override
                public void onNext(Envelope envelope) {
                    first.complete(envelope);
                    subscription.cancel();
                }

                @Override
                public void onError(Throwable failure) {
                    first.completeExceptionally(failure);
                }

                @Override
                public void onComplete() {
                    first.cancel(false);
                }
            });
            server.firehose("my-nozzle").send(Envelopes.out("my-app", "hello"));

            assertThat(first.get(LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            Log.class, log -> assertThat(log.text()).isEqualTo("hello"));
        }
    }
}
