package io.loggregator.doppler;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.plumbing.Filter;
import org.cloudfoundry.loggregator.plumbing.LogFilter;
import org.cloudfoundry.loggregator.plumbing.MetricFilter;
import org.cloudfoundry.loggregator.plumbing.Response;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** A Traffic Controller or RLP of the Go release: a connection to the router port. */
final class Subscriber implements AutoCloseable {
    /** Bytes that a stream may be sent and has not read; what HTTP/2 begins with. */
    static final int WINDOW = 65_535;

    private final ManagedChannel channel;

    private Subscriber(ManagedChannel channel) {
        this.channel = channel;
    }

    static Subscriber plain(RunningDoppler doppler) {
        return new Subscriber(builder(doppler).usePlaintext().build());
    }

    static Subscriber tls(RunningDoppler doppler, SslContext context) {
        return new Subscriber(builder(doppler).sslContext(context).build());
    }

    private static NettyChannelBuilder builder(RunningDoppler doppler) {
        return NettyChannelBuilder.forAddress("127.0.0.1", doppler.ingressPort())
                .maxInboundMessageSize(10 << 20)
                .flowControlWindow(WINDOW);
    }

    ManagedChannel channel() {
        return channel;
    }

    /** v1, in batches; {@code shard} empty: for itself. */
    Download<BatchResponse> v1(String shard, Filter filter) {
        return Download.of(channel, DopplerGrpc.getBatchSubscribeMethod(), request(shard, filter))
                .opened();
    }

    /** v1, one by one. */
    Download<Response> v1Singles(String shard, Filter filter) {
        return Download.of(channel, DopplerGrpc.getSubscribeMethod(), request(shard, filter))
                .opened();
    }

    static SubscriptionRequest request(String shard, Filter filter) {
        SubscriptionRequest.Builder request = SubscriptionRequest.newBuilder().setShardID(shard);
        return filter == null ? request.build() : request.setFilter(filter).build();
    }

    static Filter app(String app) {
        return Filter.newBuilder().setAppID(app).build();
    }

    static Filter logs(String app) {
        return Filter.newBuilder()
                .setAppID(app)
                .setLog(LogFilter.getDefaultInstance())
                .build();
    }

    static Filter metrics(String app) {
        return Filter.newBuilder()
                .setAppID(app)
                .setMetric(MetricFilter.getDefaultInstance())
                .build();
    }

    Download<EnvelopeBatch> v2(String shard, LoggregatorEgress.Selector... selectors) {
        return v2(EgressBatchRequest.newBuilder()
                .setShardId(shard)
                .addAllSelectors(List.of(selectors))
                .build());
    }

    Download<EnvelopeBatch> v2(EgressBatchRequest request) {
        return Download.of(channel, EgressGrpc.getBatchedReceiverMethod(), request)
                .opened();
    }

    static LoggregatorEgress.Selector log(String source) {
        return LoggregatorEgress.Selector.newBuilder()
                .setSourceId(source)
                .setLog(LoggregatorEgress.LogSelector.getDefaultInstance())
                .build();
    }

    static LoggregatorEgress.Selector counter(String source, String name) {
        return LoggregatorEgress.Selector.newBuilder()
                .setSourceId(source)
                .setCounter(LoggregatorEgress.CounterSelector.newBuilder().setName(name))
                .build();
    }

    static LoggregatorEgress.Selector gauge(String source, String... names) {
        return LoggregatorEgress.Selector.newBuilder()
                .setSourceId(source)
                .setGauge(LoggregatorEgress.GaugeSelector.newBuilder().addAllNames(List.of(names)))
                .build();
    }

    static LoggregatorEgress.Selector timer(String source) {
        return LoggregatorEgress.Selector.newBuilder()
                .setSourceId(source)
                .setTimer(LoggregatorEgress.TimerSelector.getDefaultInstance())
                .build();
    }

    static LoggregatorEgress.Selector event(String source) {
        return LoggregatorEgress.Selector.newBuilder()
                .setSourceId(source)
                .setEvent(LoggregatorEgress.EventSelector.getDefaultInstance())
                .build();
    }

    /** All envelopes of a stream, in the order they came. */
    static List<Envelope> envelopes(Download<EnvelopeBatch> download) {
        List<Envelope> envelopes = new ArrayList<>();
        download.messages().forEach(batch -> envelopes.addAll(batch.getBatchList()));
        return envelopes;
    }

    /** All v1 envelopes of a stream, in the order they came. */
    static List<EventFactory.Envelope> v1Envelopes(Download<BatchResponse> download) {
        return download.messages().stream()
                .flatMap(batch -> batch.getPayloadList().stream())
                .map(Subscriber::parse)
                .toList();
    }

    static EventFactory.Envelope parse(com.google.protobuf.ByteString payload) {
        try {
            return EventFactory.Envelope.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
