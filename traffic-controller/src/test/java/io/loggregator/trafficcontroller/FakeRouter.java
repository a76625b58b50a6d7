package io.loggregator.trafficcontroller;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.PemFiles;
import io.loggregator.node.tls.TlsMaterial;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.loggregator.plumbing.BatchResponse;
import org.cloudfoundry.loggregator.plumbing.ContainerMetricsRequest;
import org.cloudfoundry.loggregator.plumbing.ContainerMetricsResponse;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.plumbing.Filter;
import org.cloudfoundry.loggregator.plumbing.RecentLogsRequest;
import org.cloudfoundry.loggregator.plumbing.RecentLogsResponse;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.cloudfoundry.loggregator.v2.IngressGrpc;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;

/**
 * A Doppler as the Go release has it, by mutual TLS: routes v1 envelopes by app and type to shards, each to one stream of
 * a shard at random; keeps nothing for who is not there. Of v2 it sends what a test says, and takes batches by
 * {@code BatchSender} alone. Methods are called by the test's thread.
 */
final class FakeRouter implements AutoCloseable {
    /** As our own Dopplers have it. */
    private static final int STREAMS_A_CONNECTION = 1_000;
    /** Small, so that a sender soon feels it when nothing is read. */
    private static final int WINDOW = 65_535;

    private final String host;
    private final TlsMaterial tls;
    private final Random random = new Random(4);
    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
    private final List<V2Reader> readers = new CopyOnWriteArrayList<>();
    private final AtomicInteger queries = new AtomicInteger();
    private final List<Sending> sendings = new CopyOnWriteArrayList<>();
    private volatile boolean reading = true;
    private volatile Status refusal;
    private Server server;
    private int port;
    private volatile List<ByteString> recent;

    /** One stream of v1. */
    record Subscriber(SubscriptionRequest request, ServerCallStreamObserver<BatchResponse> stream) {}

    /** One stream of v2. */
    record V2Reader(EgressBatchRequest request, ServerCallStreamObserver<EnvelopeBatch> stream) {}

    /** One stream that an agent, or who does as agents do, sends v2 in. */
    static final class Sending implements StreamObserver<EnvelopeBatch> {
        final List<LoggregatorEnvelope.Envelope> envelopes = new CopyOnWriteArrayList<>();
        private final StreamObserver<BatchSenderResponse> answer;
        volatile boolean completed;
        volatile boolean cancelled;

        private Sending(StreamObserver<BatchSenderResponse> answer) {
            this.answer = answer;
        }

        @Override
        public void onNext(EnvelopeBatch batch) {
            envelopes.addAll(batch.getBatchList());
        }

        @Override
        public void onError(Throwable failure) {
            cancelled = true;
        }

        @Override
        public void onCompleted() {
            completed = true;
            // As the Go release ends such a stream.
            answer.onError(Status.UNKNOWN.withDescription("EOF").asRuntimeException());
        }
    }

    /** Certificates of one authority, for Dopplers and who reads them. */
    static final class Authority {
        private final Path directory;
        private final CertificateAuthority authority = CertificateAuthority.create("test");

        Authority(Path directory) {
            this.directory = directory;
        }

        private PemFiles issue(String name) {
            try {
                return authority
                        .issue(name, List.of(name), List.of(), KeyKind.EC_P256, Duration.ofDays(1))
                        .writeTo(directory, name);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Path ca() {
            try {
                return authority.writeTo(directory, "ca").certificate();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        TlsMaterial material(String name) {
            PemFiles files = issue(name);
            try {
                return TlsMaterial.load(files.certificate(), files.key(), ca());
            } catch (InvalidTlsMaterial e) {
                throw new AssertionError(e);
            }
        }

        /** What a Traffic Controller is set to. */
        Map<String, String> settings() {
            PemFiles files = issue("trafficcontroller");
            return Map.of(
                    "ROUTER_CERT_FILE", files.certificate().toString(),
                    "ROUTER_KEY_FILE", files.key().toString(),
                    "ROUTER_CA_FILE", ca().toString());
        }
    }

    private FakeRouter(String host, TlsMaterial tls) {
        this.host = host;
        this.tls = tls;
    }

    /** @param name what its certificate bears; a Doppler's is {@code doppler} */
    static FakeRouter start(String host, Authority authority, String name) {
        FakeRouter router = new FakeRouter(host, authority.material(name));
        router.listen();
        return router;
    }

    private void listen() {
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(host, port))
                    .sslContext(tls.serverContext(true, "h2").build())
                    .permitKeepAliveWithoutCalls(true)
                    .flowControlWindow(WINDOW)
                    .maxConcurrentCallsPerConnection(STREAMS_A_CONNECTION)
                    .addService(new V1())
                    .addService(new V2())
                    .addService(new Ingress())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = server.getPort();
    }

    String address() {
        return host + ":" + port;
    }

    private final class V1 extends DopplerGrpc.DopplerImplBase {
        @Override
        public void batchSubscribe(SubscriptionRequest request, StreamObserver<BatchResponse> answers) {
            ServerCallStreamObserver<BatchResponse> stream = (ServerCallStreamObserver<BatchResponse>) answers;
            Subscriber subscriber = new Subscriber(request, stream);
            stream.setOnCancelHandler(() -> subscribers.remove(subscriber));
            subscribers.add(subscriber);
        }

        @Override
        public void recentLogs(RecentLogsRequest request, StreamObserver<RecentLogsResponse> answer) {
            queries.incrementAndGet();
            List<ByteString> kept = recent;
            if (kept == null) {
                super.recentLogs(request, answer);
            } else {
                answer.onNext(
                        RecentLogsResponse.newBuilder().addAllPayload(kept).build());
                answer.onCompleted();
            }
        }

        @Override
        public void containerMetrics(ContainerMetricsRequest request, StreamObserver<ContainerMetricsResponse> answer) {
            queries.incrementAndGet();
            super.containerMetrics(request, answer);
        }
    }

    private final class V2 extends EgressGrpc.EgressImplBase {
        @Override
        public void batchedReceiver(EgressBatchRequest request, StreamObserver<EnvelopeBatch> answers) {
            ServerCallStreamObserver<EnvelopeBatch> stream = (ServerCallStreamObserver<EnvelopeBatch>) answers;
            V2Reader reader = new V2Reader(request, stream);
            stream.setOnCancelHandler(() -> readers.remove(reader));
            readers.add(reader);
        }
    }

    private final class Ingress extends IngressGrpc.IngressImplBase {
        @Override
        public StreamObserver<EnvelopeBatch> batchSender(StreamObserver<BatchSenderResponse> answer) {
            Sending sending = new Sending(answer);
            Status refused = refusal;
            if (refused != null) {
                answer.onError(refused.asRuntimeException());
                return new Sending(answer);
            }
            if (!reading) {
                ((ServerCallStreamObserver<BatchSenderResponse>) answer).disableAutoRequest();
            }
            sendings.add(sending);
            return sending;
        }
    }

    // ---- who sends to it -----------------------------------------------------------------------------------------

    /** The streams of senders, those that have ended included. */
    List<Sending> sendings() {
        return List.copyOf(sendings);
    }

    /** All that was sent to it. */
    List<LoggregatorEnvelope.Envelope> sent() {
        return sendings.stream().flatMap(sending -> sending.envelopes.stream()).toList();
    }

    /** Whether what is sent in streams that begin from now on is read. */
    void reads(boolean now) {
        reading = now;
    }

    /** Refuses streams of senders from now on; null to serve them again. */
    void refuseSenders(Status statusOrNull) {
        refusal = statusOrNull;
    }

    // ---- who reads it --------------------------------------------------------------------------------------------

    /** Subscriptions of v1 that there are now. */
    List<SubscriptionRequest> subscriptions() {
        return subscribers.stream().map(Subscriber::request).toList();
    }

    /** Waits until so many subscriptions are as said. */
    List<Subscriber> subscribed(int count, Predicate<SubscriptionRequest> wanted) {
        return await().until(
                        () -> subscribers.stream()
                                .filter(subscriber -> wanted.test(subscriber.request()))
                                .toList(),
                        found -> found.size() == count);
    }

    Subscriber firehose(String subscription) {
        return subscribed(1, request -> request.getShardID().equals(subscription))
                .get(0);
    }

    /** Waits for the stream that takes the place of one that the reader has given up. */
    Subscriber firehoseAfter(Subscriber former) {
        String subscription = former.request().getShardID();
        return await().until(() -> firehose(subscription), found -> !found.equals(former));
    }

    Subscriber app(String app) {
        return subscribed(1, request -> request.getFilter().getAppID().equals(app))
                .get(0);
    }

    /** Waits for the one reader of a v2 shard. */
    V2Reader reader(String shard) {
        return await().until(
                        () -> readers.stream()
                                .filter(reader -> reader.request().getShardId().equals(shard))
                                .toList(),
                        found -> found.size() == 1)
                .get(0);
    }

    /** The shards of the streams of v2 that there are now. */
    List<String> shards() {
        return readers.stream().map(reader -> reader.request().getShardId()).toList();
    }

    /** How many streams of v2 there are. */
    int readers() {
        return readers.size();
    }

    /** How many questions about the recent past came. */
    int queries() {
        return queries.get();
    }

    // ---- what it has to say --------------------------------------------------------------------------------------

    /** Keeps these as every app's recent logs, as releases up to 2019 did. */
    void recent(List<Envelope> envelopes) {
        recent = envelopes.stream().map(Envelope::toByteString).toList();
    }

    /** Routes a v1 envelope as the Go release does. */
    void route(String app, boolean log, Envelope envelope) {
        BatchResponse batch =
                BatchResponse.newBuilder().addPayload(envelope.toByteString()).build();
        List<Filter> keys = new ArrayList<>();
        List<List<Subscriber>> groups = new ArrayList<>();
        for (Subscriber subscriber : subscribers) {
            Filter filter = subscriber.request().getFilter();
            boolean wants = (filter.getAppID().isEmpty() || filter.getAppID().equals(app))
                    && switch (filter.getMessageCase()) {
                        case LOG -> log;
                        case METRIC -> !log;
                        case MESSAGE_NOT_SET -> true;
                    };
            if (!wants) {
                continue;
            }
            String shard = subscriber.request().getShardID();
            int at = -1;
            for (int i = 0; i < keys.size() && !shard.isEmpty(); i++) {
                if (keys.get(i).equals(filter)
                        && groups.get(i).get(0).request().getShardID().equals(shard)) {
                    at = i;
                }
            }
            if (at < 0) {
                keys.add(filter);
                groups.add(new ArrayList<>(List.of(subscriber)));
            } else {
                groups.get(at).add(subscriber);
            }
        }
        for (List<Subscriber> group : groups) {
            group.get(random.nextInt(group.size())).stream().onNext(batch);
        }
    }

    static void send(V2Reader reader, List<LoggregatorEnvelope.Envelope> envelopes) {
        reader.stream().onNext(EnvelopeBatch.newBuilder().addAllBatch(envelopes).build());
    }

    /** Sends a message that holds one payload after the other. */
    static void send(Subscriber subscriber, List<ByteString> payloads) {
        subscriber.stream()
                .onNext(BatchResponse.newBuilder().addAllPayload(payloads).build());
    }

    /** Ends one stream, as a Doppler does that has trouble with it. */
    void end(Subscriber subscriber, Status status) {
        subscribers.remove(subscriber);
        subscriber.stream().onError(status.asRuntimeException());
    }

    /** Cuts all connections and listens no more. */
    void kill() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        subscribers.clear();
        readers.clear();
    }

    /** Listens again, on the same port. */
    void listenAgain() {
        listen();
    }

    @Override
    public void close() {
        kill();
    }
}
