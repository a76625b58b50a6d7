package io.loggregator.doppler;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** One server stream: what has come and how it ended. Takes one message after the other, unless it is paused. */
final class Download<A> {
    private static final int PATIENCE_SECONDS = 60;

    private final List<A> messages = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> open = new CompletableFuture<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final ClientCall<?, A> call;
    private volatile boolean paused;

    private Download(ClientCall<?, A> call, boolean paused) {
        this.call = call;
        this.paused = paused;
    }

    /** Calls, and takes what comes. */
    static <Q, A> Download<A> of(Channel channel, MethodDescriptor<Q, A> method, Q request) {
        return of(channel, method, request, false);
    }

    /** Calls, and takes nothing before {@link #resume}. */
    static <Q, A> Download<A> paused(Channel channel, MethodDescriptor<Q, A> method, Q request) {
        return of(channel, method, request, true);
    }

    private static <Q, A> Download<A> of(Channel channel, MethodDescriptor<Q, A> method, Q request, boolean paused) {
        ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
        Download<A> download = new Download<>(call, paused);
        call.start(download.listener(), new Metadata());
        call.sendMessage(request);
        call.halfClose();
        if (!paused) {
            call.request(1);
        }
        return download;
    }

    private ClientCall.Listener<A> listener() {
        return new ClientCall.Listener<>() {
            @Override
            public void onHeaders(Metadata headers) {
                open.complete(null);
            }

            @Override
            public void onMessage(A message) {
                messages.add(message);
                if (!paused) {
                    call.request(1);
                }
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                end.complete(status);
                open.complete(null);
            }
        };
    }

    /** Waits until the subscription is in force, or the call has ended. */
    Download<A> opened() {
        await(open);
        return this;
    }

    /** Takes what comes from now on. */
    void resume() {
        paused = false;
        call.request(1);
    }

    void cancel() {
        call.cancel("enough", null);
    }

    List<A> messages() {
        return messages;
    }

    /** Waits for the end. */
    Status end() {
        return await(end);
    }

    boolean hasEnded() {
        return end.isDone();
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("nothing happened in " + PATIENCE_SECONDS + " s", e);
        }
    }
}
