package io.loggregator.trafficcontroller.router;

import io.grpc.MethodDescriptor;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Join;
import io.loggregator.rpc.RawMethods;
import io.loggregator.trafficcontroller.subscription.DopplerLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.cloudfoundry.loggregator.plumbing.Filter;
import org.cloudfoundry.loggregator.plumbing.LogFilter;
import org.cloudfoundry.loggregator.plumbing.MetricFilter;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;

/**
 * The stream of one client that is a member of a group. The Doppler shares a copy among all streams with the same shard
 * id, whoever opened them. It is read while what the client has not confirmed is within its window.
 */
final class MemberStream extends RouterStream {
    private final long member;
    private final MethodDescriptor<byte[], byte[]> method;
    private final byte[] request;
    private final BatchSource messages;
    private final Unconfirmed unconfirmed = new Unconfirmed();
    private long window;

    MemberStream(RouterSession session, Join join) {
        super(session, session.counters().firehoses);
        member = join.getMember();
        window = join.getWindowBytes();
        if (join.getResumeCount() > 0) {
            // Nobody kept what came since then.
            miss();
        }
        if (join.getSelectorsCount() > 0) {
            method = RawMethods.batchedReceiver();
            request = EgressBatchRequest.newBuilder()
                    .setShardId(shard(join))
                    .addAllSelectors(join.getSelectorsList())
                    .setDeterministicName(join.getDeterministicName())
                    .setUsePreferredTags(true)
                    .build()
                    .toByteArray();
            messages = session.v2();
        } else {
            method = RawMethods.batchSubscribe();
            request = SubscriptionRequest.newBuilder()
                    .setShardID(shard(join))
                    .setFilter(filter(join))
                    .build()
                    .toByteArray();
            messages = session.v1();
        }
    }

    /** Clients that are not to share must not have one shard. */
    private static String shard(Join join) {
        if (join.getAlone()) {
            return "";
        }
        if (join.getRefinement().isEmpty()) {
            return join.getSubscription();
        }
        String shard = join.getSubscription() + "?" + join.getRefinement();
        if (!DopplerLimits.tooLong(shard)) {
            return shard;
        }
        String digest = digest(shard);
        String named = join.getSubscription() + "?" + digest;
        return DopplerLimits.tooLong(named) ? digest : named;
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static Filter filter(Join join) {
        Filter.Builder filter = Filter.newBuilder();
        switch (join.getFilter()) {
            case LOGS -> filter.setLog(LogFilter.getDefaultInstance());
            case METRICS -> filter.setMetric(MetricFilter.getDefaultInstance());
            default -> {}
        }
        return filter.build();
    }

    /** Starts, unless its window is closed. */
    void begin() {
        if (window > 0) {
            start();
        }
    }

    /**
     * Sets the window. A stream that is not to get anything more ends: the Doppler would go on to drop its share of what
     * comes, which others can have.
     */
    void window(long bytes) {
        boolean closed = window <= 0;
        window = bytes;
        if (bytes <= 0) {
            end();
        } else if (closed) {
            start();
        } else {
            readOn();
        }
    }

    void confirm(long sequence) {
        unconfirmed.confirm(sequence);
        readOn();
    }

    @Override
    boolean takesMore() {
        return unconfirmed.bytes() < window;
    }

    @Override
    MethodDescriptor<byte[], byte[]> method() {
        return method;
    }

    @Override
    byte[] request() {
        return request;
    }

    @Override
    void received(byte[] message) {
        if (messages.read(message)) {
            int end = messages.end();
            Batch header = session().header(end).addDeliveries(delivery(end)).build();
            session().listener().batch(session(), header, messages.bytes(), 0, end);
        }
    }

    @Override
    void lost() {
        session()
                .listener()
                .gap(
                        session(),
                        Gap.newBuilder()
                                .setDelivery(delivery(0))
                                .setReason(RouterSession.LINK_DOWN)
                                .build());
    }

    private Delivery delivery(int size) {
        return Delivery.newBuilder()
                .setMember(member)
                .setSequence(unconfirmed.add(size))
                .build();
    }
}
