package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cloudfoundry.dropsonde.events.ErrorFactory;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.HttpFactory;
import org.cloudfoundry.dropsonde.events.LogFactory;
import org.cloudfoundry.dropsonde.events.MetricFactory;
import org.cloudfoundry.dropsonde.events.UuidFactory;
import org.cloudfoundry.loggregator.plumbing.DopplerIngestorGrpc;
import org.cloudfoundry.loggregator.plumbing.EnvelopeData;
import org.cloudfoundry.loggregator.plumbing.PushResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** v1 envelopes by every way in come out of a v1 firehose as they were sent, and the books balance. */
@Timeout(180)
class V1IngressTest {
    private static final String SECRET = "between agents and Dopplers";
    private static final int EACH = 300;

    @Test
    void whatGoesInAsV1ComesOutAsTheSame() throws Exception {
        Map<String, String> ways = Map.of(
                "DOPPLER_UDP_PORT", "0",
                "DOPPLER_SHARED_SECRET", SECRET,
                "DOPPLER_TCP_PORT", "0",
                "DOPPLER_TCP_PLAINTEXT", "true",
                "DOPPLER_TLS_PORT", "0",
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0");
        try (Cluster cluster = new Cluster(1, 1, ways, Map.of());
                Nozzle nozzle = cluster.firehose(0, "v1");
                Agent agent = cluster.agent(0)) {
            Cluster.probe("probe", List.of(agent), List.of(nozzle));
            ServerProcess doppler = cluster.doppler(0);
            Random random = new Random(4);

            List<EventFactory.Envelope> pushed = envelopes("pusher", random);
            push(cluster, pushed);
            List<EventFactory.Envelope> datagrams = envelopes("udp", random);
            datagrams(doppler.boundPort("udp"), datagrams);
            List<EventFactory.Envelope> plain = envelopes("tcp", random);
            frames(new Socket(InetAddress.getLoopbackAddress(), doppler.boundPort("tcp")), plain);
            List<EventFactory.Envelope> secure = envelopes("tls", random);
            frames(cluster.tlsSocket(doppler.boundPort("tls")), secure);

            Map<String, List<EventFactory.Envelope>> sent =
                    Map.of("pusher", pushed, "udp", datagrams, "tcp", plain, "tls", secure);
            await().atMost(Cluster.LIMIT)
                    .untilAsserted(() -> sent.forEach((way, envelopes) ->
                            assertThat(of(way, nozzle)).as(way).hasSameSizeAs(envelopes)));
            sent.forEach((way, envelopes) -> assertThat(of(way, nozzle)).as(way).isEqualTo(envelopes));
            Samples.Ledger ledger = cluster.settled("v1");
            assertThat(ledger.accepted()).isEqualTo(ledger.delivered());
            for (String protocol : List.of("grpc", "udp", "tcp", "tls")) {
                assertThat(cluster.ofDopplers().sum("listeners_received_envelopes_total", Map.of("protocol", protocol)))
                        .as(protocol)
                        .isEqualTo(EACH);
            }
            assertThat(cluster.ofDopplers().sum("listeners_left_out_total")).isZero();
            assertThat(cluster.ofDopplers().sum("udp_kernel_drops_total")).isZero();
        }
    }

    private static List<EventFactory.Envelope> of(String origin, Nozzle nozzle) {
        return nozzle.received().stream()
                .filter(envelope -> envelope.getOrigin().equals(origin))
                .toList();
    }

    private static void push(Cluster cluster, List<EventFactory.Envelope> envelopes) throws Exception {
        ManagedChannel channel = cluster.channel(0);
        CompletableFuture<Void> end = new CompletableFuture<>();
        StreamObserver<EnvelopeData> pusher = DopplerIngestorGrpc.newStub(channel)
                .pusher(new StreamObserver<PushResponse>() {
                    @Override
                    public void onNext(PushResponse empty) {}

                    @Override
                    public void onError(Throwable error) {
                        end.completeExceptionally(error);
                    }

                    @Override
                    public void onCompleted() {
                        end.complete(null);
                    }
                });
        envelopes.forEach(envelope -> pusher.onNext(
                EnvelopeData.newBuilder().setPayload(envelope.toByteString()).build()));
        pusher.onCompleted();
        end.orTimeout(30, TimeUnit.SECONDS).join();
        channel.shutdownNow();
    }

    private static void datagrams(int port, List<EventFactory.Envelope> envelopes) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        try (DatagramSocket socket = new DatagramSocket()) {
            for (EventFactory.Envelope envelope : envelopes) {
                byte[] bytes = envelope.toByteArray();
                byte[] datagram = Arrays.copyOf(mac.doFinal(bytes), 32 + bytes.length);
                System.arraycopy(bytes, 0, datagram, 32, bytes.length);
                socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
            }
        }
    }

    private static void frames(Socket socket, List<EventFactory.Envelope> envelopes) throws IOException {
        try (socket) {
            for (EventFactory.Envelope envelope : envelopes) {
                byte[] bytes = envelope.toByteArray();
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(4 + bytes.length)
                                .order(ByteOrder.LITTLE_ENDIAN)
                                .putInt(bytes.length)
                                .put(bytes)
                                .array());
            }
        }
    }

    /** Such that v2 loses nothing of them: with all that an agent sets. */
    private static List<EventFactory.Envelope> envelopes(String origin, Random random) {
        List<EventFactory.Envelope> envelopes = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            EventFactory.Envelope.EventType type = EventFactory.Envelope.EventType.forNumber(4 + i % 6);
            EventFactory.Envelope.Builder envelope = EventFactory.Envelope.newBuilder()
                    .setOrigin(origin)
                    .setEventType(type)
                    .setTimestamp(1_700_000_000_000_000_000L + i)
                    .setDeployment("cf")
                    .setJob("cell")
                    .setIndex(UUID.nameUUIDFromBytes(new byte[] {(byte) i}).toString())
                    .setIp("10.0.0." + i % 256)
                    .putTags("number", Integer.toString(i));
            fill(envelope, type, i, random);
            envelopes.add(envelope.build());
        }
        return envelopes;
    }

    private static void fill(
            EventFactory.Envelope.Builder envelope, EventFactory.Envelope.EventType type, int i, Random random) {
        String app = UUID.nameUUIDFromBytes(new byte[] {(byte) (i % 5)}).toString();
        switch (type) {
            case LogMessage -> {
                byte[] message = new byte[random.nextInt(2_000)];
                random.nextBytes(message);
                envelope.putTags("source_id", app)
                        .setLogMessage(LogFactory.LogMessage.newBuilder()
                                .setMessage(ByteString.copyFrom(message))
                                .setMessageType(LogFactory.LogMessage.MessageType.forNumber(1 + random.nextInt(2)))
                                .setTimestamp(envelope.getTimestamp())
                                .setAppId(app)
                                .setSourceType("APP/PROC/WEB")
                                .setSourceInstance(Integer.toString(i)));
            }
            case ValueMetric ->
                envelope.putTags("source_id", "cell")
                        .putTags("instance_id", Integer.toString(i))
                        .setValueMetric(MetricFactory.ValueMetric.newBuilder()
                                .setName("metric" + i)
                                .setValue(random.nextDouble())
                                .setUnit("ms"));
            case CounterEvent ->
                envelope.putTags("source_id", "cell")
                        .setCounterEvent(MetricFactory.CounterEvent.newBuilder()
                                .setName("counter" + i)
                                .setDelta(random.nextInt(100))
                                .setTotal(random.nextLong()));
            case Error ->
                envelope.putTags("source_id", "cell")
                        .setError(ErrorFactory.Error.newBuilder()
                                .setSource("gorouter")
                                .setCode(random.nextInt())
                                .setMessage("broken " + i));
            case ContainerMetric ->
                envelope.putTags("source_id", app)
                        .setContainerMetric(MetricFactory.ContainerMetric.newBuilder()
                                .setApplicationId(app)
                                .setInstanceIndex(i)
                                .setCpuPercentage(random.nextDouble() * 100)
                                .setMemoryBytes(random.nextInt(1 << 30))
                                .setDiskBytes(random.nextInt(1 << 30))
                                .setMemoryBytesQuota(1 << 30)
                                .setDiskBytesQuota(1 << 30));
            case HttpStartStop -> {
                UUID id = UUID.fromString(app);
                UuidFactory.UUID uuid = UuidFactory.UUID
                        .newBuilder()
                        .setLow(Long.reverseBytes(id.getMostSignificantBits()))
                        .setHigh(Long.reverseBytes(id.getLeastSignificantBits()))
                        .build();
                envelope.putTags("source_id", app)
                        .setHttpStartStop(HttpFactory.HttpStartStop.newBuilder()
                                .setStartTimestamp(i)
                                .setStopTimestamp(i + 1_000)
                                .setRequestId(UuidFactory.UUID
                                        .newBuilder()
                                        .setLow(random.nextLong())
                                        .setHigh(random.nextLong()))
                                .setPeerType(HttpFactory.PeerType.forNumber(1 + random.nextInt(2)))
                                .setMethod(HttpFactory.Method.forNumber(1 + random.nextInt(44)))
                                .setUri("https://example.org/" + i)
                                .setRemoteAddress("10.0.0.1:" + i)
                                .setUserAgent("curl")
                                .setStatusCode(200 + i % 300)
                                .setContentLength(random.nextInt())
                                .setApplicationId(uuid)
                                .setInstanceIndex(i)
                                .setInstanceId(app)
                                .addForwarded("10.0.0.2")
                                .addForwarded("10.0.0.3"));
            }
        }
    }
}
