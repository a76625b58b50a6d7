package io.loggregator.trafficcontroller.router;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Query;
import io.loggregator.rpc.RawMethods;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.plumbing.ContainerMetricsRequest;
import org.cloudfoundry.loggregator.plumbing.RecentLogsRequest;

/**
 * Asks a Doppler about the recent past. Newer ones of the Go release keep none, and are not asked again for a while when
 * they have said so. There is always an answer. On the session's event loop.
 */
final class RecentCalls {
    private static final long DEADLINE_SECONDS = 5;
    private static final long ASKED_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final byte[] NOTHING = {};

    private final RouterSession session;
    /** When each kind was found not to be there. */
    private final Map<Query.Kind, Long> refused = new EnumMap<>(Query.Kind.class);

    RecentCalls(RouterSession session) {
        this.session = session;
    }

    void ask(Query query) {
        Long since = refused.get(query.getKind());
        // No source: a question whether all is done that was told before, as it is.
        if (query.getSourceId().isEmpty()
                || !session.isConnected()
                || (since != null && System.nanoTime() - since < ASKED_AGAIN_NANOS)) {
            session.later(() -> answer(query, NOTHING, 0));
            return;
        }
        boolean logs = query.getKind() == Query.Kind.RECENT_LOGS;
        MethodDescriptor<byte[], byte[]> method = logs ? RawMethods.recentLogs() : RawMethods.containerMetrics();
        ClientCall<byte[], byte[]> call = session.channels()
                .first()
                .newCall(method, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
        call.start(new Answers(query), new Metadata());
        call.request(2);
        call.sendMessage(
                logs
                        ? RecentLogsRequest.newBuilder()
                                .setAppID(query.getSourceId())
                                .build()
                                .toByteArray()
                        : ContainerMetricsRequest.newBuilder()
                                .setAppID(query.getSourceId())
                                .build()
                                .toByteArray());
        call.halfClose();
    }

    private void answer(Query query, byte[] bytes, int end) {
        session.listener()
                .answer(
                        session,
                        Answer.newBuilder().setId(query.getId()).setLast(true).build(),
                        bytes,
                        0,
                        end);
    }

    private final class Answers extends ClientCall.Listener<byte[]> {
        private final Query query;
        private byte[] message = NOTHING;

        Answers(Query query) {
            this.query = query;
        }

        @Override
        public void onMessage(byte[] answer) {
            message = answer;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            V1Messages messages = session.v1();
            if (status.isOk() && messages.read(message)) {
                answer(query, messages.bytes(), messages.end());
                return;
            }
            if (status.getCode() == Status.Code.UNIMPLEMENTED) {
                refused.put(query.getKind(), System.nanoTime());
            } else if (!status.isOk()) {
                session.counters().failedQueries.add(1);
            }
            answer(query, NOTHING, 0);
        }
    }
}
