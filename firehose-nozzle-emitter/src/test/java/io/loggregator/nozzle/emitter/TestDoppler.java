package io.loggregator.nozzle.emitter;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A Doppler in plain text, and a reader of all its logs. */
final class TestDoppler implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final Doppler doppler;
    private final Metrics metrics = new Metrics();
    private final List<ManagedChannel> channels = new ArrayList<>();

    /** @param more settings beside those that make it free of the machine */
    TestDoppler(Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of(
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0"));
        environment.putAll(more);
        doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, environment, null, DopplerSettings::rules), metrics);
    }

    static TestDoppler plain(int port) throws Exception {
        return new TestDoppler(Map.of("LOGGREGATOR_INSECURE", "true", "ROUTER_PORT", Integer.toString(port)));
    }

    int port() {
        return doppler.ingressPort();
    }

    /** What a metric says, its series summed. */
    long metric(String name) {
        return (long) metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** All logs from now on, batch by batch. */
    BlockingQueue<List<Envelope>> logs() throws Exception {
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(
                        "127.0.0.1", port(), InsecureChannelCredentials.create())
                .build();
        channels.add(channel);
        BlockingQueue<List<Envelope>> batches = new LinkedBlockingQueue<>();
        CompletableFuture<Void> inForce = new CompletableFuture<>();
        ClientCall<EgressBatchRequest, EnvelopeBatch> call =
                channel.newCall(EgressGrpc.getBatchedReceiverMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onHeaders(Metadata headers) {
                        inForce.complete(null);
                    }

                    @Override
                    public void onMessage(EnvelopeBatch batch) {
                        batches.add(batch.getBatchList());
                    }
                },
                new Metadata());
        call.request(Integer.MAX_VALUE);
        call.sendMessage(EgressBatchRequest.newBuilder()
                .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                .build());
        call.halfClose();
        inForce.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return batches;
    }

    /** As many texts as wanted, as they come. */
    static List<String> texts(BlockingQueue<List<Envelope>> batches, int wanted) throws Exception {
        List<String> texts = new ArrayList<>();
        while (texts.size() < wanted) {
            List<Envelope> batch = batches.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (batch == null) {
                throw new AssertionError("no more than " + texts);
            }
            batch.forEach(envelope -> texts.add(envelope.getLog().getPayload().toStringUtf8()));
        }
        return texts;
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        doppler.stopAccepting(Duration.ofSeconds(1));
        await(doppler.stopReaders().otherwiseEmpty());
        await(vertx.close());
    }

    private static void await(Future<?> future) {
        try {
            future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("nothing happened in " + PATIENCE_SECONDS + " s", e);
        }
    }
}
