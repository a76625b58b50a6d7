package io.loggregator.nozzle;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A real Doppler and a real Traffic Controller in this process, in plain text. */
final class Platform implements AutoCloseable {
    private static final long LIMIT_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final Doppler doppler;
    private final ManagedChannel channel;
    private final Map<String, String> forTrafficController = new HashMap<>();
    private final Metrics dopplerMetrics = new Metrics();
    private TrafficController trafficController;

    private Platform(Map<String, String> forDoppler, Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0"));
        environment.putAll(forDoppler);
        doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, environment, null, DopplerSettings::rules), dopplerMetrics);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", doppler.ingressPort())
                .usePlaintext()
                .build();
        forTrafficController.putAll(Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "TRAFFIC_CONTROLLER_HOST", "127.0.0.1",
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0",
                "GATEWAY_ADDR", "127.0.0.1:0",
                "RLP_PORT", "0",
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true",
                "DOPPLER_LINK_ADDRS", "127.0.0.1:" + doppler.linkPort()));
        forTrafficController.putAll(more);
        startTrafficController();
    }

    /** @param forDoppler settings beside those that every test needs */
    static Platform start(Map<String, String> forDoppler) throws Exception {
        return start(forDoppler, Map.of());
    }

    /** @param forTrafficController the same of the Traffic Controller */
    static Platform start(Map<String, String> forDoppler, Map<String, String> forTrafficController) throws Exception {
        return new Platform(forDoppler, forTrafficController);
    }

    private void startTrafficController() throws Exception {
        trafficController = TrafficController.start(
                vertx,
                1,
                Settings.load(
                        TrafficControllerSettings.ALL, forTrafficController, null, TrafficControllerSettings::rules),
                new Metrics(),
                new Readiness());
    }

    /** Stops the Traffic Controller as an operator does, and starts another one on its port. */
    void restartTrafficController() throws Exception {
        forTrafficController.put(
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", Integer.toString(trafficController.port()));
        forTrafficController.put("GATEWAY_ADDR", "127.0.0.1:" + trafficController.gatewayPort());
        trafficController.stop().await(LIMIT_SECONDS, TimeUnit.SECONDS);
        startTrafficController();
    }

    URI endpoint() {
        return URI.create("ws://127.0.0.1:" + trafficController.port());
    }

    /** Where {@code /v2/read} is. */
    URI gateway() {
        return URI.create("http://127.0.0.1:" + trafficController.gatewayPort());
    }

    /** A value of the Doppler's metrics; 0 if it is not there. */
    long metric(String series) {
        return dopplerMetrics
                .scrape()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(series.length() + 1)))
                .sum();
    }

    /** What the Doppler's ledger of a subscription says, such as {@code delivered}. */
    long ledger(String subscription, String what) {
        return sum("subscription_envelopes_total{", "subscription=\"" + subscription + "\"", "what=\"" + what + "\"");
    }

    private long sum(String series, String... labels) {
        return dopplerMetrics
                .scrape()
                .lines()
                .filter(line -> line.startsWith(series) && Arrays.stream(labels).allMatch(line::contains))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Sends the envelopes in one batch; when this returns, the Doppler has them. */
    void send(LoggregatorEnvelope.Envelope... envelopes) {
        IngressGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS)
                .send(EnvelopeBatch.newBuilder()
                        .addAllBatch(Arrays.asList(envelopes))
                        .build());
    }

    /** Sends lines of an app, each in an envelope, all in one batch. */
    void lines(String app, String... lines) {
        send(Arrays.stream(lines).map(line -> log(app, line)).toArray(LoggregatorEnvelope.Envelope[]::new));
    }

    static LoggregatorEnvelope.Envelope log(String app, String line) {
        return LoggregatorEnvelope.Envelope.newBuilder()
                .setTimestamp(TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()))
                .setSourceId(app)
                .setInstanceId("0")
                .putTags("source_type", "APP/PROC/WEB")
                .setLog(LoggregatorEnvelope.Log.newBuilder().setPayload(ByteString.copyFromUtf8(line)))
                .build();
    }

    static LoggregatorEnvelope.Envelope counter(String source, String name, long delta) {
        return LoggregatorEnvelope.Envelope.newBuilder()
                .setTimestamp(TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()))
                .setSourceId(source)
                .setCounter(
                        LoggregatorEnvelope.Counter.newBuilder().setName(name).setDelta(delta))
                .build();
    }

    @Override
    public void close() throws TimeoutException {
        channel.shutdownNow();
        doppler.stopAccepting(Duration.ofSeconds(LIMIT_SECONDS));
        trafficController.stop().await(LIMIT_SECONDS, TimeUnit.SECONDS);
        doppler.stopReaders().await(LIMIT_SECONDS, TimeUnit.SECONDS);
        vertx.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
