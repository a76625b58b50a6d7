package io.loggregator.trafficcontroller.rlp;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.loggregator.rpc.RawMethods;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.cloudfoundry.loggregator.v2.EgressGrpc;

/** {@code loggregator.v2.Egress}, on as many event loops as there are. */
final class EgressService {
    private final List<LoopReadings> loops;
    private final int most;
    private final ClientTimes times;
    private final EgressCounters counters;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * @param most calls that may be open, on all loops
     * @param times what readers have, as those that are ended are told
     */
    EgressService(List<LoopReadings> loops, int most, ClientTimes times, EgressCounters counters) {
        this.loops = List.copyOf(loops);
        this.most = most;
        this.times = times;
        this.counters = counters;
    }

    ServerServiceDefinition definition() {
        return ServerServiceDefinition.builder(EgressGrpc.SERVICE_NAME)
                .addMethod(answeringBuffers(RawMethods.batchedReceiver()), handler(true))
                .addMethod(answeringBuffers(RawMethods.receiver()), handler(false))
                .build();
    }

    private static MethodDescriptor<byte[], ByteBuf> answeringBuffers(MethodDescriptor<byte[], byte[]> method) {
        return method.toBuilder(method.getRequestMarshaller(), new BufferMarshaller())
                .build();
    }

    private ServerCallHandler<byte[], ByteBuf> handler(boolean batched) {
        return new ServerCallHandler<>() {
            @Override
            public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], ByteBuf> call, Metadata headers) {
                EgressCall started =
                        new EgressCall(call, Cutter.ofCurrent(), EgressService.this, currentLoop(), batched);
                counters.open(1);
                if (open.incrementAndGet() > most) {
                    counters.rejected();
                    started.refuse(Status.RESOURCE_EXHAUSTED.withDescription(
                            "unable to create stream, max egress streams reached: " + most));
                } else {
                    started.await();
                }
                return started;
            }
        };
    }

    private LoopReadings currentLoop() {
        for (LoopReadings loop : loops) {
            if (loop.loop().inEventLoop()) {
                return loop;
            }
        }
        throw new IllegalStateException("gRPC must run on the event loops that links are on");
    }

    ClientTimes times() {
        return times;
    }

    EgressCounters counters() {
        return counters;
    }

    /** A call has ended. */
    void ended() {
        open.decrementAndGet();
        counters.open(-1);
    }

    /** What a reader is told that is too slow. */
    Status slow(Pace pace) {
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "slow consumer: nothing was read for " + times.progress().toMillis() / 1_000.0
                        + " s while envelopes waited (SLOW_CONSUMER_TIMEOUT); took " + pace);
    }
}
