package io.loggregator.doppler.ingress;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of messages that have come in part, which gRPC gathers until they are whole. When all of them together
 * exceed the budget, a stream of the connection with most of it ends: the one with the largest message, if that is larger than
 * agents' are, else the one that has been incomplete for longest, as agents finish what they begin. Of connections that have no
 * more than agents' have, it is the longest as well. Small messages are not looked at.
 */
public final class PartialMessages extends ServerStreamTracer.Factory {
    /** So much of a message is not counted. */
    private static final int UNCOUNTED = 16 * 1024;
    /** Messages of agents have no more, as a rule, and agents send one at a time. */
    private static final int USUAL = 256 * 1024;

    private static final Context.Key<Partial> STREAM = Context.key("partial-message");

    private final long budget;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong begun = new AtomicLong();
    private final Set<Partial> all = ConcurrentHashMap.newKeySet();

    /** @param budget bytes that may have come of all incomplete messages */
    public PartialMessages(long budget) {
        this.budget = budget;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new Partial();
    }

    /**
     * How the stream that the calling thread serves can be ended for the memory it takes; said when it begins.
     *
     * @param connection attributes of its connection, which the peer's address tells from others
     */
    public static void endingBy(Attributes connection, End end) {
        Partial partial = STREAM.get();
        if (partial != null) {
            partial.connection = connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
            partial.end = end;
        }
    }

    /** Ends a stream with a status; from any thread. */
    public interface End {
        void end(Status status);
    }

    /** Has streams end until the rest fits. */
    private void relieve() {
        while (bytes.get() > budget) {
            Partial first = takeOut();
            if (first == null) {
                return;
            }
            first.end.end(Status.RESOURCE_EXHAUSTED.withDescription("messages that have come in part take more than "
                    + budget
                    + " bytes (INGRESS_PARTIAL_BYTES), this connection's most of it, and this stream's is the largest of"
                    + " them, or has been incomplete for longest"));
        }
    }

    /** One event loop at a time, so that two do not each take one out where one is enough; null if all fit by now. */
    private synchronized Partial takeOut() {
        while (bytes.get() > budget) {
            Partial first = firstToGo();
            if (first == null || first.takeOut()) {
                return first;
            }
        }
        return null;
    }

    private Partial firstToGo() {
        Map<SocketAddress, Long> ofConnections = new HashMap<>();
        all.forEach(each -> ofConnections.merge(each.connection, each.counted(), Long::sum));
        return all.stream()
                .max(Comparator.comparingLong((Partial each) -> excess(ofConnections.getOrDefault(each.connection, 0L)))
                        .thenComparing(each -> excess(each.counted()))
                        .thenComparing(Partial::order, Comparator.reverseOrder()))
                .orElse(null);
    }

    /** By how much it is more than agents have. */
    private static long excess(long bytes) {
        return Math.max(0, bytes - USUAL);
    }

    /** What has come of the message that one stream is receiving. */
    private final class Partial extends ServerStreamTracer {
        private volatile End end = status -> {};
        /** The peer's address; null until it is said. */
        private volatile SocketAddress connection;

        /** Bytes; of the stream's event loop. */
        private long came;

        // What of it is in the sum, and whether the stream is to end, so that it is counted no more.
        private long counted; // guarded by this
        private long order; // guarded by this
        private boolean ending; // guarded by this

        @Override
        public Context filterContext(Context context) {
            return context.withValue(STREAM, this);
        }

        @Override
        public void inboundWireSize(long more) {
            came += more;
            if (came > UNCOUNTED) {
                count();
                relieve();
            }
        }

        @Override
        public void inboundMessageRead(int number, long wireSize, long size) {
            if (came > UNCOUNTED) {
                uncount(false);
            }
            came = 0;
        }

        @Override
        public void streamClosed(Status status) {
            uncount(true);
        }

        private synchronized long counted() {
            return counted;
        }

        private synchronized long order() {
            return order;
        }

        private synchronized void count() {
            if (ending) {
                return;
            }
            if (counted == 0) {
                order = begun.incrementAndGet();
                all.add(this);
            }
            bytes.addAndGet(came - counted);
            counted = came;
        }

        /** Takes it out of the sum for good, as the stream is to end; false if it is in the sum no more. */
        private synchronized boolean takeOut() {
            if (counted == 0) {
                return false;
            }
            uncount(true);
            return true;
        }

        /** Takes it out of the sum, for good if the stream ends. */
        private synchronized void uncount(boolean forGood) {
            ending |= forGood;
            // Out of the sum first: who finds it in neither would look for another.
            bytes.addAndGet(-counted);
            counted = 0;
            all.remove(this);
        }
    }
}
