package io.loggregator.nozzles.kafka;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.NozzleCommand;
import io.loggregator.nozzles.runner.NozzleProgram;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program: {@code ./loggregator nozzle kafka}. */
public final class KafkaNozzle implements NozzleProgram {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaNozzle.class);

    static final Setting<List<HostPort>> BOOTSTRAP_SERVERS = Setting.addresses(
                    "KAFKA_BOOTSTRAP_SERVERS", null, "some of the brokers, host:port, separated by commas")
            .required();
    static final Setting<String> TOPIC =
            Setting.text("KAFKA_TOPIC", null, "topic to write to").required();
    static final Setting<ValueForm> VALUE = Setting.choice(
            "KAFKA_VALUE",
            ValueForm.PROTOBUF,
            "what a record's value is: the encoded loggregator.v2.Envelope, or its canonical JSON as /v2/read writes it");
    static final Setting<Long> MAX_IN_FLIGHT = Setting.bytes(
            "KAFKA_MAX_IN_FLIGHT",
            32L << 20,
            1L << 20,
            1L << 30,
            "bytes of records that may wait for the brokers; beyond it reading stops, and the server keeps the rest");
    static final Setting<Path> PROPERTIES_FILE = Setting.file(
            "KAFKA_PROPERTIES_FILE",
            "more settings of Kafka's producer, such as security.protocol and sasl.jaas.config, in a .properties file");

    /** Without these a record could be lost, doubled or put out of order. */
    private static final Map<String, String> FIXED = Map.of(
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            "true",
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ByteArraySerializer.class.getName(),
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ByteArraySerializer.class.getName());

    /**
     * A batch has to fail before the Traffic Controller forgets this subscription, 30 s after it has closed the connection
     * of a nozzle that acknowledges nothing: then it comes again, and nothing is missing. What may be added to this is the
     * pause before the next attempt, 15 s.
     */
    private static final Map<String, String> IN_TIME = Map.of(
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            "5000",
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            "5000",
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            "10000");

    public static void main(String[] args) {
        NozzleCommand.main(new KafkaNozzle(), args);
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public String description() {
        return "Writes every envelope to a topic of Kafka, keyed by its source id.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(BOOTSTRAP_SERVERS, TOPIC, VALUE, MAX_IN_FLIGHT, PROPERTIES_FILE);
    }

    @Override
    public Destination open(Settings settings) throws IOException {
        String topic = settings.get(TOPIC);
        KafkaSink sink = new KafkaSink(new KafkaProducer<>(producer(settings)), topic, settings.get(VALUE));
        try {
            sink.check();
        } catch (NozzleException e) {
            if (e.isFinal()) {
                sink.close();
                throw e;
            }
            LOG.warn("{}; trying on", e.getMessage());
        }
        return sink;
    }

    /**
     * The producer's settings.
     *
     * @throws IllegalArgumentException the file has one that would lose records
     */
    static Properties producer(Settings settings) throws IOException {
        Properties properties = new Properties();
        // Lines of logs are alike: this takes little time and leaves a fifth of them.
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        properties.putAll(IN_TIME);
        if (settings.find(PROPERTIES_FILE).isPresent()) {
            try (Reader file = Files.newBufferedReader(settings.get(PROPERTIES_FILE), StandardCharsets.UTF_8)) {
                properties.load(file);
            }
        }
        FIXED.forEach((name, value) -> {
            String given = properties.getProperty(name, value);
            if (!given.equals(value)) {
                throw new IllegalArgumentException(PROPERTIES_FILE.name() + ": " + name + " can only be " + value);
            }
            properties.put(name, value);
        });
        properties.put(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                settings.get(BOOTSTRAP_SERVERS).stream().map(Object::toString).collect(Collectors.joining(",")));
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, settings.get(MAX_IN_FLIGHT));
        return properties;
    }
}
