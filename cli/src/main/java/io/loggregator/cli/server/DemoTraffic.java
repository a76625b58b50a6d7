package io.loggregator.cli.server;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.cli.client.Backoff;
import io.loggregator.cli.emit.IngressSender;
import io.loggregator.cli.traffic.TrafficSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the sample apps' envelopes into the demo's ingress, over gRPC as an agent would. */
final class DemoTraffic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DemoTraffic.class);
    private static final long SEED = 1;
    private static final long STEP_MILLIS = 50;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread daemon = new Thread(task, "demo-traffic");
        daemon.setDaemon(true);
        return daemon;
    });
    private final TrafficSource source;
    private final IngressSender sender;

    DemoTraffic(int ingressPort, double perSecond) {
        this.source = new TrafficSource(SEED, perSecond);
        String address = "127.0.0.1:" + ingressPort;
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(address).usePlaintext().build();
        this.sender = new IngressSender(channel, address, Backoff.ofClient(), true, line -> LOG.info("{}", line));
    }

    void start() {
        thread.scheduleAtFixedRate(this::step, 0, STEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void step() {
        Instant now = Instant.now();
        List<EnvelopeBatch> due = new ArrayList<>();
        source.advanceTo(
                now.getEpochSecond() * 1_000_000_000 + now.getNano(),
                (List<Envelope> batch) ->
                        due.add(EnvelopeBatch.newBuilder().addAllBatch(batch).build()));
        try {
            for (EnvelopeBatch batch : due) {
                sender.send(batch);
            }
        } catch (IngressSender.Failed e) {
            LOG.warn("{}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        sender.close();
    }
}
