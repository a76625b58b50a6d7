package io.loggregator.doppler;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One client stream: what is sent, what was answered and how it ended. */
final class Upload<Q, A> {
    private static final int PATIENCE_SECONDS = 60;

    private final List<A> answers = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final StreamObserver<Q> requests;

    /** @param call opens the stream, as the generated stubs' methods do */
    Upload(Function<StreamObserver<A>, StreamObserver<Q>> call) {
        requests = call.apply(new StreamObserver<>() {
            @Override
            public void onNext(A answer) {
                answers.add(answer);
            }

            @Override
            public void onError(Throwable error) {
                end.complete(Status.fromThrowable(error));
            }

            @Override
            public void onCompleted() {
                end.complete(Status.OK);
            }
        });
    }

    Upload<Q, A> send(Q message) {
        requests.onNext(message);
        return this;
    }

    Upload<Q, A> sendAll(List<Q> messages) {
        messages.forEach(requests::onNext);
        return this;
    }

    /** Half-closes, and waits for the end. */
    Status complete() {
        requests.onCompleted();
        return end();
    }

    /** Waits for the end. */
    Status end() {
        try {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the stream did not end", e);
        }
    }

    boolean hasEnded() {
        return end.isDone();
    }

    List<A> answers() {
        return answers;
    }
}
