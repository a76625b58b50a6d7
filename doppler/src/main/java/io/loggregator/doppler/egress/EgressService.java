package io.loggregator.doppler.egress;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.loggregator.doppler.ingress.PartialMessages;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.rpc.RawMethods;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.v2.EgressGrpc;
import org.slf4j.LoggerFactory;

/** {@code plumbing.Doppler} and {@code loggregator.v2.Egress}, for Traffic Controllers and RLPs of the Go release. */
public final class EgressService {
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);
    /** The request, and whatever shows that there is more than one. */
    private static final int REQUESTS = 2;

    private final List<DopplerLane> lanes;
    private final List<V1Lane> v1Lanes;
    private final EgressStreams streams;
    private final Options options;
    private final Requests requests;
    private final EgressCounters v1 = new EgressCounters("v1");
    private final EgressCounters v2 = new EgressCounters("v2");

    /**
     * What readers may have.
     *
     * @param streams at a time
     * @param bytes that may wait to be written to all of them
     * @param patience how long one may take nothing while all of that is used up
     * @param requests what they may ask for
     * @param recentLogs log lines that an answer has at most
     * @param readers who may read
     */
    public record Options(
            int streams, long bytes, Duration patience, RequestLimits requests, int recentLogs, Readers readers) {}

    public EgressService(List<DopplerLane> lanes, Options options) {
        this.lanes = lanes;
        this.options = options;
        this.requests = new Requests(options.requests());
        this.v1Lanes = lanes.stream().map(lane -> new V1Lane()).toList();
        this.streams = new EgressStreams(
                lanes,
                options.streams(),
                options.bytes(),
                options.patience(),
                new RateLimitedLog(LoggerFactory.getLogger(EgressService.class), LOG_PERIOD));
    }

    /** The services, to be added to a server on the lanes' loops. */
    public List<ServerServiceDefinition> definitions() {
        EgressStream.Opening batches = v1Opening(Message.MOST_ENVELOPES);
        EgressStream.Opening singles = v1Opening(1);
        return List.of(
                ServerServiceDefinition.builder(DopplerGrpc.SERVICE_NAME)
                        .addMethod(RawMethods.subscribe(), stream(singles, v1))
                        .addMethod(RawMethods.batchSubscribe(), stream(batches, v1))
                        .addMethod(RawMethods.recentLogs(), query(false))
                        .addMethod(RawMethods.containerMetrics(), query(true))
                        .build(),
                ServerServiceDefinition.builder(EgressGrpc.SERVICE_NAME)
                        .addMethod(RawMethods.batchedReceiver(), stream(v2Opening(), v2))
                        .addMethod(
                                RawMethods.receiver(),
                                refuse(Status.UNIMPLEMENTED.withDescription("use BatchedReceiver instead")))
                        .build());
    }

    private EgressStream.Opening v1Opening(int mostEnvelopes) {
        return new EgressStream.Opening() {
            @Override
            public Subscription subscription(byte[] request) throws Requests.Invalid {
                return requests.v1(request);
            }

            @Override
            public Form form(Subscription subscription, DopplerLane lane) {
                return new V1Form(
                        v1Lanes.get(lane.index()), subscription.selection(), subscription.app(), mostEnvelopes);
            }
        };
    }

    private EgressStream.Opening v2Opening() {
        return new EgressStream.Opening() {
            @Override
            public Subscription subscription(byte[] request) throws Requests.Invalid {
                return requests.v2(request);
            }

            @Override
            public Form form(Subscription subscription, DopplerLane lane) {
                return new V2Form(subscription.selection());
            }
        };
    }

    private ServerCallHandler<byte[], byte[]> stream(EgressStream.Opening opening, EgressCounters counters) {
        return (call, headers) -> {
            if (!admits(call)) {
                return new ServerCall.Listener<>() {};
            }
            EgressStream stream = new EgressStream(call, DopplerLane.current(lanes), opening, streams, counters);
            streams.add(stream);
            counters.streams.incrementAndGet();
            return begun(stream);
        };
    }

    private ServerCallHandler<byte[], byte[]> query(boolean containerMetrics) {
        return (call, headers) -> {
            if (!admits(call)) {
                return new ServerCall.Listener<>() {};
            }
            return begun(new RecentQuery(
                    call,
                    DopplerLane.current(lanes),
                    lanes,
                    streams.memory(),
                    requests,
                    containerMetrics,
                    options.recentLogs()));
        };
    }

    private static ServerCall.Listener<byte[]> begun(OneRequest call) {
        PartialMessages.endingBy(call.call().getAttributes(), call::refuse);
        call.call().request(REQUESTS);
        return call;
    }

    private static ServerCallHandler<byte[], byte[]> refuse(Status status) {
        return (call, headers) -> {
            call.close(status, new Metadata());
            return new ServerCall.Listener<>() {};
        };
    }

    /** Refuses whom the certificate or the number of calls tells to; else counts the call in. */
    private boolean admits(ServerCall<byte[], byte[]> call) {
        String refusal = options.readers().refusal(call.getAttributes());
        if (refusal != null) {
            call.close(Status.PERMISSION_DENIED.withDescription(refusal), new Metadata());
            return false;
        }
        if (!streams.enter()) {
            call.close(
                    Status.RESOURCE_EXHAUSTED.withDescription(
                            "this Doppler serves at most " + options.streams() + " streams (DOPPLER_EGRESS_STREAMS)"),
                    new Metadata());
            return false;
        }
        return true;
    }

    /** Ends all streams with OK, each when it has been written what is under way to it. */
    public CompletableFuture<Void> end() {
        return streams.finish();
    }

    /** What was sent in v1; from any thread. */
    public EgressCounters v1() {
        return v1;
    }

    /** What was sent in v2; from any thread. */
    public EgressCounters v2() {
        return v2;
    }

    /** Bytes that wait to be written; from any thread. */
    public long waiting() {
        return streams.memory().waiting();
    }

    /** Envelopes that v1 cannot express, counted for each rendering; from any thread. */
    public long skippedByV1() {
        return v1Lanes.stream().mapToLong(V1Lane::skipped).sum();
    }

    /** Log lines cut because v1 readers would not take them, counted for each rendering; from any thread. */
    public long cutByV1() {
        return v1Lanes.stream().mapToLong(V1Lane::cut).sum();
    }
}
