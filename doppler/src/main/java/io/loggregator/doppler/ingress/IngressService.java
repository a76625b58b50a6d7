package io.loggregator.doppler.ingress;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.rpc.RawMethods;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.cloudfoundry.loggregator.plumbing.DopplerIngestorGrpc;
import org.cloudfoundry.loggregator.v2.IngressGrpc;

/**
 * {@code loggregator.v2.Ingress}, and {@code plumbing.DopplerIngestor} for v1 envelopes. Streams are read as fast as they
 * come, whatever any reader does; a clean half-close is answered with an empty response and OK.
 */
public final class IngressService {
    /** Messages are handled where they arrive and at once, so there is nothing to hold back. */
    private static final int ALL_THAT_COMES = Integer.MAX_VALUE;

    private static final String STOPS = "this Doppler stops";

    private final List<DopplerLane> lanes;
    private final List<V1Intake> v1;
    private final RateLimitedLog log;
    private volatile boolean refusing;
    private final Set<IngressStream> open = ConcurrentHashMap.newKeySet();

    /** @param v1 one for each lane */
    public IngressService(List<DopplerLane> lanes, List<V1Intake> v1, RateLimitedLog log) {
        this.lanes = lanes;
        this.v1 = v1;
        this.log = log;
    }

    /** The service, to be added to a server on the lanes' loops. */
    public ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(IngressGrpc.SERVICE_NAME)
                .addMethod(IncomingMessage.readBy(RawMethods.batchSender()), handler(this::acceptBatch))
                .addMethod(IncomingMessage.readBy(RawMethods.sender()), handler(this::acceptEnvelope))
                .addMethod(IncomingMessage.readBy(RawMethods.send()), handler(this::acceptBatch))
                .build();
    }

    /** The service for v1, to be added to the same server. */
    public ServerServiceDefinition pusher() {
        return ServerServiceDefinition.builder(DopplerIngestorGrpc.SERVICE_NAME)
                .addMethod(IncomingMessage.readBy(RawMethods.pusher()), handler(this::acceptV1))
                .build();
    }

    private String acceptBatch(DopplerLane lane, IncomingMessage message) {
        return accept(lane, message, message.length());
    }

    /** A single envelope becomes a batch of one. */
    private String acceptEnvelope(DopplerLane lane, IncomingMessage message) {
        int length = message.length();
        message.becomeBatch();
        return accept(lane, message, length);
    }

    private static String accept(DopplerLane lane, IncomingMessage batch, int messageBytes) {
        int malformed = lane.accept(batch.bytes(), batch.from(), batch.to());
        return malformed == 0 ? null : malformed + " malformed in a message of " + messageBytes + " bytes, left out";
    }

    private String acceptV1(DopplerLane lane, IncomingMessage message) {
        V1Intake intake = v1.get(lane.index());
        V1Intake.Outcome outcome = PushedEnvelope.accept(intake, message.bytes(), message.from(), message.to());
        intake.flushSoon();
        return outcome == V1Intake.Outcome.TAKEN
                ? null
                : "Received bad envelope: " + outcome.words() + ", in a message of " + message.length() + " bytes";
    }

    private ServerCallHandler<IncomingMessage, byte[]> handler(IngressStream.Acceptor acceptor) {
        return new ServerCallHandler<>() {
            @Override
            public ServerCall.Listener<IncomingMessage> startCall(
                    ServerCall<IncomingMessage, byte[]> call, Metadata headers) {
                if (refusing) {
                    call.close(Status.UNAVAILABLE.withDescription(STOPS), new Metadata());
                    return new ServerCall.Listener<>() {};
                }
                IngressStream stream = new IngressStream(call, DopplerLane.current(lanes), acceptor, open, log);
                open.add(stream);
                PartialMessages.endingBy(call.getAttributes(), stream::refuse);
                stream.endInTime();
                call.request(ALL_THAT_COMES);
                return stream;
            }
        };
    }

    /**
     * Ends all streams: in a lull, or with UNAVAILABLE if there is none within the patience.
     *
     * @return completes when all have ended
     */
    public CompletableFuture<Void> end(Duration patience) {
        return CompletableFuture.allOf(
                open.stream().map(stream -> stream.end(patience, STOPS)).toArray(CompletableFuture<?>[]::new));
    }

    /** Takes no streams any more, also on connections that are there. */
    public void refuse() {
        refusing = true;
    }

    /** Whether there are streams that have not ended. */
    public boolean hasOpen() {
        return !open.isEmpty();
    }
}
