package io.loggregator.nozzles.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.awaitility.Awaitility;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/** Kafka itself, broker and controller in one, in this process, on ports that are its own from the beginning. */
public final class Broker implements AutoCloseable {
    private static final String LISTENER = "BROKER";
    private static final String CONTROLLER = "CONTROLLER";
    private static final Duration CHANGE_LIMIT = Duration.ofSeconds(60);

    private final Map<String, ServerSocketChannel> bound = new ConcurrentHashMap<>();
    private final Map<String, Integer> ports = new HashMap<>();
    private final Properties properties = new Properties();
    private SharedServer shared;
    private ControllerServer controller;
    private BrokerServer broker;

    /** @param more settings of the broker beside the usual */
    public Broker(Path directory, Map<String, String> more) throws Exception {
        for (String listener : List.of(LISTENER, CONTROLLER)) {
            bound.put(listener, bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
            ports.put(listener, bound.get(listener).socket().getLocalPort());
        }
        String data = directory.resolve("kafka").toString();
        properties.putAll(Map.of(
                "node.id",
                "1",
                "process.roles",
                "broker,controller",
                "listeners",
                LISTENER + "://" + address(LISTENER) + "," + CONTROLLER + "://" + address(CONTROLLER),
                "listener.security.protocol.map",
                LISTENER + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT",
                "inter.broker.listener.name",
                LISTENER,
                "controller.listener.names",
                CONTROLLER,
                "controller.quorum.voters",
                "1@" + address(CONTROLLER),
                "log.dirs",
                data,
                "auto.create.topics.enable",
                "false"));
        properties.putAll(more);
        new Formatter()
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(1)
                .addDirectory(data)
                .setControllerListenerName(CONTROLLER)
                .setMetadataLogDirectory(data)
                .run();
        start();
    }

    private static ServerSocketChannel bind(InetSocketAddress address) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        channel.configureBlocking(false);
        channel.socket().setReuseAddress(true);
        return channel.bind(address);
    }

    private String address(String listener) {
        return "127.0.0.1:" + ports.get(listener);
    }

    /** Starts it, also again on the same ports. */
    void start() {
        KafkaConfig config = KafkaConfig.fromProps(properties);
        Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> stored =
                KafkaRaftServer.initializeLogDirs(config, LoggerFactory.getLogger(Broker.class), "");
        ServerSocketFactory sockets = (listener, address, backlog, receiveBuffer) -> {
            ServerSocketChannel first = bound.remove(listener);
            return first != null ? first : bind(address);
        };
        shared = new SharedServer(
                config,
                stored._1(),
                Time.SYSTEM,
                new Metrics(),
                CompletableFuture.completedFuture(
                        QuorumConfig.parseVoterConnections(config.quorumConfig().voters())),
                List.of(),
                new StandardFaultHandlerFactory(),
                sockets);
        controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), stored._2());
        broker = new BrokerServer(shared);
        controller.startup();
        broker.startup();
    }

    /** Its connections end; what it has stays. */
    void stop() {
        broker.shutdown(Duration.ofSeconds(10));
        controller.shutdown();
        broker.awaitShutdown();
        controller.awaitShutdown();
    }

    public String bootstrapServers() {
        return address(LISTENER);
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrapServers()));
    }

    /**
     * Creates a topic, and waits until all its partitions can be written to.
     *
     * @param settings of the topic
     */
    public void createTopic(String name, int partitions, Map<String, String> settings) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(Set.of(new NewTopic(name, partitions, (short) 1).configs(settings)))
                    .all()
                    .get();
            Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
            }
            // Only a leader answers this.
            awaitChange("leads " + name, () -> knows(admin.listOffsets(ends).all()));
        }
    }

    /** Deletes a topic, and waits until nobody can write to it. */
    void deleteTopic(String name) throws Exception {
        try (Admin admin = admin()) {
            admin.deleteTopics(Set.of(name)).all().get();
            awaitChange(
                    "forgot " + name,
                    () -> !knows(admin.describeTopics(Set.of(name)).allTopicNames()));
        }
    }

    /** Adds a rule of access, and waits until it holds. */
    void createAcl(AclBinding rule) throws Exception {
        try (Admin admin = admin()) {
            admin.createAcls(Set.of(rule)).all().get();
            awaitChange(
                    "has " + rule,
                    () -> !admin.describeAcls(rule.toFilter()).values().get().isEmpty());
        }
    }

    /** What the controller has answered to, the broker does a moment later. */
    private static void awaitChange(String what, Callable<Boolean> done) {
        Awaitility.await("the broker " + what)
                .pollDelay(Duration.ZERO)
                .atMost(CHANGE_LIMIT)
                .until(done);
    }

    private static boolean knows(KafkaFuture<?> answer) throws InterruptedException, ExecutionException {
        try {
            answer.get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RetriableException) {
                return false;
            }
            throw e;
        }
    }

    /** Reads topics from their beginning. */
    public Records records(String topic) {
        return new Records(bootstrapServers(), topic);
    }

    @Override
    public void close() {
        stop();
    }

    /** Reads a topic from its beginning. */
    public static final class Records implements AutoCloseable {
        private final KafkaConsumer<byte[], byte[]> consumer;

        Records(String bootstrapServers, String topic) {
            consumer = new KafkaConsumer<>(
                    Map.of("bootstrap.servers", bootstrapServers, "auto.offset.reset", "earliest"),
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer());
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        }

        /** What has come since the last call, waiting a little for the first of it. */
        public Iterable<ConsumerRecord<byte[], byte[]>> next() {
            return consumer.poll(Duration.ofMillis(200));
        }

        @Override
        public void close() {
            consumer.close();
        }
    }
}
