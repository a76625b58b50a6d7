package io.loggregator.endtoend;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.cloudfoundry.doppler.ContainerMetric;
import org.cloudfoundry.doppler.ContainerMetricsRequest;
import org.cloudfoundry.doppler.CounterEvent;
import org.cloudfoundry.doppler.DopplerClient;
import org.cloudfoundry.doppler.Envelope;
import org.cloudfoundry.doppler.Error;
import org.cloudfoundry.doppler.EventType;
import org.cloudfoundry.doppler.FirehoseRequest;
import org.cloudfoundry.doppler.HttpStartStop;
import org.cloudfoundry.doppler.LogMessage;
import org.cloudfoundry.doppler.MessageType;
import org.cloudfoundry.doppler.Method;
import org.cloudfoundry.doppler.PeerType;
import org.cloudfoundry.doppler.RecentLogsRequest;
import org.cloudfoundry.doppler.StreamRequest;
import org.cloudfoundry.doppler.ValueMetric;
import org.cloudfoundry.reactor.DefaultConnectionContext;
import org.cloudfoundry.reactor.doppler.ReactorDopplerClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** cf-java-client's DopplerClient, as it is, against a Doppler and a Traffic Controller. */
class CfJavaClientTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long T = 1_700_000_000_000_000_000L;

    @TempDir
    private static Path directory;

    @Nested
    class OverPlainText extends Calls {
        OverPlainText() {
            super(null);
        }
    }

    @Nested
    class OverTls extends Calls {
        OverTls() throws Exception {
            super(new Certificates(directory));
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @Timeout(90)
    abstract static class Calls {
        private final Certificates certificates;
        private LocalServers servers;
        private DefaultConnectionContext connections;
        private DopplerClient client;

        Calls(Certificates certificatesOrNull) {
            certificates = certificatesOrNull;
        }

        @BeforeAll
        void start() throws Exception {
            servers = new LocalServers(certificates);
            boolean secure = certificates != null;
            DefaultConnectionContext.Builder context = DefaultConnectionContext.builder()
                    .apiHost("127.0.0.1")
                    .port(servers.port())
                    .secure(secure);
            if (secure) {
                SslContext trust = SslContextBuilder.forClient()
                        .trustManager(certificates.authorityFile().toFile())
                        .build();
                context.additionalHttpClientConfiguration(http -> http.secure(spec -> spec.sslContext(trust)));
            }
            connections = context.build();
            client = ReactorDopplerClient.builder()
                    .connectionContext(connections)
                    .tokenProvider(any -> Mono.just("bearer token"))
                    .root(Mono.just((secure ? "https" : "http") + "://127.0.0.1:" + servers.port()))
                    .build();
            await().atMost(LIMIT).until(servers::linked);
        }

        @AfterAll
        void stop() throws Exception {
            connections.dispose();
            servers.close();
        }

        @Test
        @DisplayName("compatibility 12: cf-java-client can map every kind of envelope")
        void firehoseMapsEveryKindOfEnvelope() throws Exception {
            String app = UUID.randomUUID().toString();
            String subscription = "kinds-" + app;
            List<Envelope> received = new CopyOnWriteArrayList<>();
            Flux<Envelope> firehose = client.firehose(
                    FirehoseRequest.builder().subscriptionId(subscription).build());
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            Disposable connection = firehose.subscribe(received::add, failures::add);
            try (Agent agent = servers.agent()) {
                int probes = probeUntilReceived(agent, app, received);
                agent.send(List.of(
                        Envelopes.log(app, "a line, ünï€ode 😀", T),
                        Envelopes.counter(app, T + 1),
                        Envelopes.gauge(app, T + 2),
                        Envelopes.container(app, 3, T + 3, 25.5),
                        Envelopes.http(app, T + 4, T + 5),
                        Envelopes.error(app, T + 6)));
                agent.finish();
                await().atMost(LIMIT).until(() -> last(received, EventType.ERROR));
                List<Envelope> kinds = received.subList(received.size() - 6, received.size());
                checkKinds(kinds, app);
                assertThat(received.size() - 6).isBetween(1, probes);
                awaitLedger(subscription, received.size());
                assertThat(failures).isEmpty();
            } finally {
                connection.dispose();
            }
        }

        private void checkKinds(List<Envelope> kinds, String app) {
            assertThat(kinds).allSatisfy(envelope -> {
                assertThat(envelope.getOrigin()).isEqualTo(Envelopes.ORIGIN);
                assertThat(envelope.getDeployment()).isEqualTo("cf");
                assertThat(envelope.getJob()).isEqualTo("cell");
                assertThat(envelope.getIndex()).isEqualTo("7");
                assertThat(envelope.getIp()).isEqualTo("10.0.0.9");
                assertThat(envelope.getTags()).contains(entry("source_id", app));
            });
            assertThat(kinds)
                    .extracting(Envelope::getEventType)
                    .containsExactly(
                            EventType.LOG_MESSAGE,
                            EventType.COUNTER_EVENT,
                            EventType.VALUE_METRIC,
                            EventType.CONTAINER_METRIC,
                            EventType.HTTP_START_STOP,
                            EventType.ERROR);
            assertThat(kinds).extracting(Envelope::getTimestamp).containsExactly(T, T + 1, T + 2, T + 3, T + 5, T + 6);
            assertThat(kinds.get(0).getLogMessage())
                    .isEqualTo(LogMessage.builder()
                            .applicationId(app)
                            .message("a line, ünï€ode 😀")
                            .messageType(MessageType.OUT)
                            .sourceInstance("0")
                            .sourceType("APP/PROC/WEB")
                            .timestamp(T)
                            .build());
            assertThat(kinds.get(1).getCounterEvent())
                    .isEqualTo(CounterEvent.builder()
                            .name("requests")
                            .delta(3L)
                            .total(1_000_000_000_007L)
                            .build());
            assertThat(kinds.get(2).getValueMetric())
                    .isEqualTo(ValueMetric.builder()
                            .name("latency")
                            .unit("ms")
                            .value(12.5)
                            .build());
            assertThat(kinds.get(3).getContainerMetric()).isEqualTo(container(app, 3, 25.5));
            assertThat(kinds.get(4).getHttpStartStop())
                    .isEqualTo(HttpStartStop.builder()
                            .applicationId(UUID.fromString(app))
                            .requestId(UUID.fromString(Envelopes.REQUEST_ID))
                            .peerType(PeerType.SERVER)
                            .method(Method.PUT)
                            .uri("https://app.example.com/x")
                            .remoteAddress("10.1.1.1:4000")
                            .userAgent("curl/8")
                            .statusCode(201)
                            .contentLength(99L)
                            .instanceId("inst")
                            .instanceIndex(2)
                            .startTimestamp(T + 4)
                            .stopTimestamp(T + 5)
                            .forwarded("a", "b")
                            .build());
            assertThat(kinds.get(5).getError())
                    .isEqualTo(Error.builder()
                            .source("stager")
                            .code(42)
                            .message("no disk")
                            .build());
        }

        @Test
        void streamBringsTheAppsOwnEnvelopesInOrder() throws Exception {
            String app = UUID.randomUUID().toString();
            String other = UUID.randomUUID().toString();
            List<Envelope> received = new CopyOnWriteArrayList<>();
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            Disposable connection = client.stream(
                            StreamRequest.builder().applicationId(app).build())
                    .subscribe(received::add, failures::add);
            try (Agent agent = servers.agent()) {
                int probes = probeUntilReceived(agent, app, received);
                agent.send(List.of(
                        Envelopes.log(app, "first", T),
                        Envelopes.log(other, "not for this app", T + 1),
                        Envelopes.container(app, 0, T + 2, 50),
                        Envelopes.http(other, T, T + 3),
                        Envelopes.http(app, T, T + 4),
                        Envelopes.log(app, "last", T + 5)));
                agent.finish();
                await().atMost(LIMIT)
                        .until(() -> last(received, EventType.LOG_MESSAGE)
                                && "last"
                                        .equals(received.get(received.size() - 1)
                                                .getLogMessage()
                                                .getMessage()));
                assertThat(received.subList(received.size() - 4, received.size()))
                        .extracting(Envelope::getTimestamp)
                        .containsExactly(T, T + 2, T + 4, T + 5);
                assertThat(received.size() - 4).isBetween(1, probes);
                assertThat(failures).isEmpty();
            } finally {
                connection.dispose();
            }
        }

        @Test
        void recentLogsAreAllThatIsKeptOldestFirst() throws Exception {
            String app = UUID.randomUUID().toString();
            List<String> sent = new ArrayList<>();
            try (Agent agent = servers.agent()) {
                for (int i = 0; i < 120; i++) {
                    sent.add("line " + i);
                    agent.send(Envelopes.log(app, sent.get(i), T + i));
                }
                agent.finish();
            }
            List<String> recent = client.recentLogs(
                            RecentLogsRequest.builder().applicationId(app).build())
                    .map(envelope -> envelope.getLogMessage().getMessage())
                    .collectList()
                    .block(LIMIT);
            assertThat(recent).isEqualTo(sent.subList(20, 120));
        }

        @Test
        void recentLogsOfAnAppNobodyKnowsAreNone() {
            assertThat(client.recentLogs(RecentLogsRequest.builder()
                                    .applicationId(UUID.randomUUID().toString())
                                    .build())
                            .collectList()
                            .block(LIMIT))
                    .isEmpty();
        }

        @Test
        void containerMetricsAreTheNewestOfEachInstance() throws Exception {
            String app = UUID.randomUUID().toString();
            long now = System.currentTimeMillis() * 1_000_000;
            try (Agent agent = servers.agent()) {
                agent.send(List.of(
                        Envelopes.container(app, 0, now - 3_000, 1),
                        Envelopes.container(app, 1, now - 2_000, 3),
                        Envelopes.container(app, 0, now - 1_000, 2),
                        Envelopes.log(app, "a line is no metric")));
                agent.finish();
            }
            List<ContainerMetric> metrics = client.containerMetrics(
                            ContainerMetricsRequest.builder().applicationId(app).build())
                    .map(Envelope::getContainerMetric)
                    .collectList()
                    .block(LIMIT);
            assertThat(metrics).containsExactlyInAnyOrder(container(app, 0, 2), container(app, 1, 3));
        }

        private static ContainerMetric container(String app, int instance, double cpu) {
            return ContainerMetric.builder()
                    .applicationId(app)
                    .instanceIndex(instance)
                    .cpuPercentage(cpu)
                    .memoryBytes(1024L)
                    .diskBytes(2048L)
                    .memoryBytesQuota(4096L)
                    .diskBytesQuota(8192L)
                    .build();
        }

        /** A new connection gets what comes after it was made; lines until the first arrives. Returns how many. */
        private static int probeUntilReceived(Agent agent, String app, List<Envelope> received) {
            List<Integer> sent = new ArrayList<>();
            await().atMost(LIMIT).pollInterval(20, MILLISECONDS).until(() -> {
                if (received.isEmpty()) {
                    agent.send(Envelopes.log(app, "probe"));
                    sent.add(sent.size());
                }
                return !received.isEmpty();
            });
            return sent.size();
        }

        private static boolean last(List<Envelope> received, EventType type) {
            return !received.isEmpty() && received.get(received.size() - 1).getEventType() == type;
        }

        private void awaitLedger(String subscription, long delivered) {
            await().atMost(LIMIT).untilAsserted(() -> {
                Samples.Ledger ledger = servers.samples().ledger(subscription);
                assertThat(ledger).isEqualTo(new Samples.Ledger(delivered, delivered, 0, 0));
            });
        }
    }
}
