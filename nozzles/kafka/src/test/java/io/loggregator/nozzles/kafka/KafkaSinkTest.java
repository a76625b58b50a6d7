package io.loggregator.nozzles.kafka;

import static io.loggregator.nozzles.kafka.Envelopes.batch;
import static io.loggregator.nozzles.kafka.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzles.runner.Destination;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.awaitility.Awaitility;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a real broker gets, and what becomes of what it does not take. */
@Timeout(120)
class KafkaSinkTest {
    private static final long LIMIT_SECONDS = 60;
    private static final String LARGEST_MESSAGE = "2000";

    @TempDir
    private static Path directory;

    private static Broker broker;
    private static int topics;

    private final String topic = "topic-" + ++topics;
    private final Map<String, String> environment = new HashMap<>();
    private final List<Destination> opened = new ArrayList<>();

    @BeforeAll
    static void startBroker() throws Exception {
        broker = new Broker(
                directory,
                Map.of(
                        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                        "allow.everyone.if.no.acl.found", "true"));
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @AfterEach
    void close() {
        opened.forEach(Destination::close);
    }

    /** @param producer more settings of the producer, as lines of a file */
    private KafkaSink open(String... producer) throws Exception {
        Path file = Files.write(directory.resolve(topic + ".properties"), List.of(producer));
        environment.put("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers());
        environment.put("KAFKA_TOPIC", topic);
        environment.put("KAFKA_PROPERTIES_FILE", file.toString());
        KafkaNozzle nozzle = new KafkaNozzle();
        KafkaSink sink = (KafkaSink) nozzle.open(Settings.load(nozzle.settings(), environment, null, nozzle::rules));
        opened.add(sink);
        return sink;
    }

    private static void await(CompletionStage<?> stage) {
        stage.toCompletableFuture().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    private List<ConsumerRecord<byte[], byte[]>> read(int count) {
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        try (Broker.Records records = broker.records(topic)) {
            while (all.size() < count && System.nanoTime() < end) {
                records.next().forEach(all::add);
            }
        }
        return all;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void anEnvelopeBecomesARecordOfItsBytesAndTheLinesOfASourceStayTogetherInOrder() throws Exception {
        broker.createTopic(topic, 4, Map.of());
        List<Envelope> sent = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            sent.add(log("app-" + i % 10, "line " + i));
        }
        sent.add(Envelope.newBuilder()
                .setSourceId("router")
                .setCounter(Counter.newBuilder().setName("requests").setDelta(1).setTotal(2))
                .build());
        KafkaSink sink = open();

        await(sink.handle(batch(sent)));

        List<ConsumerRecord<byte[], byte[]>> records = read(sent.size());
        Map<String, List<Envelope>> bySource = new HashMap<>();
        Map<String, Set<Integer>> partitions = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            String source = text(record.key());
            bySource.computeIfAbsent(source, first -> new ArrayList<>()).add(Envelope.parseFrom(record.value()));
            partitions.computeIfAbsent(source, first -> new HashSet<>()).add(record.partition());
        }
        assertThat(bySource).hasSize(11);
        bySource.forEach((source, envelopes) -> assertThat(envelopes)
                .containsExactlyElementsOf(sent.stream()
                        .filter(envelope -> envelope.getSourceId().equals(source))
                        .toList()));
        assertThat(partitions.values())
                .allSatisfy(ofSource -> assertThat(ofSource).hasSize(1));
        assertThat(sink.status()).startsWith("501 records sent, 0 left out,");
    }

    @Test
    void aValueMayBeTheJsonThatTheGatewayWrites() throws Exception {
        broker.createTopic(topic, 1, Map.of());
        environment.put("KAFKA_VALUE", "json");

        await(open().handle(batch(log("my-app", "hi \"there\""))));

        assertThat(text(read(1).get(0).value()))
                .isEqualTo("{\"timestamp\":\"1700000000123456789\",\"source_id\":\"my-app\",\"instance_id\":\"0\","
                        + "\"deprecated_tags\":{},\"tags\":{\"source_type\":\"APP/PROC/WEB\"},"
                        + "\"log\":{\"payload\":\"aGkgInRoZXJlIg==\",\"type\":\"OUT\"}}");
    }

    @Test
    void whatHasNoSourceHasAnEmptyKeySoThatACompactedTopicTakesItAndItsNeighbours() throws Exception {
        broker.createTopic(topic, 1, Map.of("cleanup.policy", "compact"));
        KafkaSink sink = open();

        await(sink.handle(batch(log("a", "before"), log("", "whose?"), log("a", "after"))));

        assertThat(read(3)).extracting(record -> text(record.key())).containsExactly("a", "", "a");
        assertThat(sink.leftOut().counts()).isEmpty();
    }

    @Test
    void aBatchFailsInTimeForItsPlaceToBeKeptUnlessTheFileSaysOtherwise() throws Exception {
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
        environment.put("KAFKA_TOPIC", topic);
        KafkaNozzle nozzle = new KafkaNozzle();
        assertThat(KafkaNozzle.producer(Settings.load(nozzle.settings(), environment, null)))
                .containsEntry("max.block.ms", "5000")
                .containsEntry("request.timeout.ms", "5000")
                .containsEntry("delivery.timeout.ms", "10000");

        Path file = Files.write(directory.resolve("slower.properties"), List.of("delivery.timeout.ms=15000"));
        environment.put("KAFKA_PROPERTIES_FILE", file.toString());
        assertThat(KafkaNozzle.producer(Settings.load(nozzle.settings(), environment, null)))
                .containsEntry("max.block.ms", "5000")
                .containsEntry("delivery.timeout.ms", "15000");
    }

    @Test
    void whatIsTooLargeForTheProducerIsLeftOutAndCountedAndTheOthersGoOn() throws Exception {
        broker.createTopic(topic, 1, Map.of());
        KafkaSink sink = open("max.request.size=" + LARGEST_MESSAGE, "compression.type=none");

        await(sink.handle(batch(log("a", "before"), log("a", "x".repeat(5_000)), log("a", "after"))));

        assertThat(read(2))
                .extracting(record ->
                        Envelope.parseFrom(record.value()).getLog().getPayload().toStringUtf8())
                .containsExactly("before", "after");
        assertThat(sink.leftOut().counts()).isEqualTo(Map.of("too_large", 1L));
    }

    @Test
    void whatIsTooLargeForTheBrokerIsLeftOutAndCountedAndTheOthersGoOn() throws Exception {
        broker.createTopic(topic, 1, Map.of("max.message.bytes", LARGEST_MESSAGE));
        KafkaSink sink = open("compression.type=none");

        await(sink.handle(batch(log("a", "before"), log("a", "x".repeat(5_000)), log("a", "after"))));

        assertThat(read(2))
                .extracting(record ->
                        Envelope.parseFrom(record.value()).getLog().getPayload().toStringUtf8())
                .containsExactlyInAnyOrder("before", "after");
        assertThat(sink.leftOut().counts()).isEqualTo(Map.of("too_large", 1L));
    }

    @Test
    void aTopicThatThereIsNotIsToldAtTheStart() {
        assertThatThrownBy(() -> open("max.block.ms=3000"))
                .isInstanceOfSatisfying(
                        NozzleException.class, e -> assertThat(e.isFinal()).isTrue())
                .hasMessageContaining("there is no topic " + topic)
                .hasMessageContaining("KAFKA_TOPIC");
    }

    @Test
    void aTopicThatIsDeletedEndsItForGoodWhenBatchesHaveFailed() throws Exception {
        broker.createTopic(topic, 1, Map.of());
        KafkaSink sink = open("max.block.ms=3000", "request.timeout.ms=1000", "delivery.timeout.ms=2000");
        await(sink.handle(batch(log("a", "before"))));
        broker.deleteTopic(topic);

        Throwable failure = null;
        while (!(failure instanceof NozzleException known && known.isFinal())) {
            failure = sink.handle(batch(log("a", "after")))
                    .handle((done, problem) -> problem)
                    .toCompletableFuture()
                    .get(LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(failure).isInstanceOf(NozzleException.class);
        }

        assertThat(failure).hasMessageContaining("there is no topic " + topic);
    }

    @Test
    void aTopicThatMayNotBeWrittenEndsItForGood() throws Exception {
        broker.createTopic(topic, 1, Map.of());
        KafkaSink sink = open();
        deny(topic);

        assertThatThrownBy(() -> await(sink.handle(batch(log("a", "x"), log("a", "y")))))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        NozzleException.class, e -> assertThat(e.isFinal()).isTrue())
                .hasMessageContaining("refuse writing to the topic " + topic);
        assertThat(sink.leftOut().counts()).isEmpty();
    }

    /** Nobody but who may do anything writes to the topic from now on. */
    private void deny(String name) throws Exception {
        broker.createAcl(new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, name, PatternType.LITERAL),
                new AccessControlEntry("User:ANONYMOUS", "*", AclOperation.WRITE, AclPermissionType.DENY)));
    }

    @Test
    void aBatchIsNotDoneBeforeTheBrokerHasItAndFailsWhereThatTakesTooLong(@TempDir Path elsewhere) throws Exception {
        try (Broker own = new Broker(elsewhere, Map.of())) {
            own.createTopic(topic, 1, Map.of());
            environment.put("KAFKA_BOOTSTRAP_SERVERS", own.bootstrapServers());
            Path file = Files.write(
                    elsewhere.resolve("producer"),
                    List.of("request.timeout.ms=1000", "delivery.timeout.ms=2000", "max.block.ms=2000"));
            environment.put("KAFKA_TOPIC", topic);
            environment.put("KAFKA_PROPERTIES_FILE", file.toString());
            KafkaNozzle nozzle = new KafkaNozzle();
            try (Destination sink = nozzle.open(Settings.load(nozzle.settings(), environment, null))) {
                await(sink.handle(batch(log("a", "before"))));
                own.stop();

                CompletableFuture<?> away =
                        sink.handle(batch(log("a", "meanwhile"))).toCompletableFuture();
                assertThatThrownBy(() -> await(away))
                        .cause()
                        .isInstanceOfSatisfying(
                                NozzleException.class,
                                e -> assertThat(e.isFinal()).isFalse());
                assertThat(sink.status()).contains("1 batches were not taken");

                own.start();
                // What a nozzle does with a batch that failed, here more than once if the start takes its time.
                Awaitility.await()
                        .pollDelay(Duration.ZERO)
                        .atMost(Duration.ofSeconds(LIMIT_SECONDS))
                        .ignoreExceptionsInstanceOf(CompletionException.class)
                        .untilAsserted(() -> await(sink.handle(batch(log("a", "meanwhile")))));
            }
        }
    }

    @Test
    void whatWouldLoseRecordsIsRefused() {
        assertThatThrownBy(() -> open("acks=1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("KAFKA_PROPERTIES_FILE: acks can only be all");
        assertThatThrownBy(() -> open("enable.idempotence=false")).isInstanceOf(IllegalArgumentException.class);
    }
}
