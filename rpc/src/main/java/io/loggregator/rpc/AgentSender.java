package io.loggregator.rpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends batches to the agent of this machine, one call each, so that each is known to have arrived or not. */
public final class AgentSender implements AutoCloseable {
    private final ManagedChannel channel;
    private final Duration deadline;

    /**
     * @param channel to the agent; shut down by {@link #close}
     * @param deadline for one batch
     */
    public AgentSender(ManagedChannel channel, Duration deadline) {
        this.channel = channel;
        this.deadline = deadline;
    }

    /**
     * Sends a {@code loggregator.v2.EnvelopeBatch}.
     *
     * @return completes when the agent has it; fails with a {@link io.grpc.StatusException}
     */
    public CompletableFuture<Void> send(byte[] batch) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        ClientCall<byte[], byte[]> call = channel.newCall(
                RawMethods.send(), CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS));
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        if (status.isOk()) {
                            sent.complete(null);
                        } else {
                            sent.completeExceptionally(status.asException());
                        }
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(batch);
        call.halfClose();
        return sent;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
