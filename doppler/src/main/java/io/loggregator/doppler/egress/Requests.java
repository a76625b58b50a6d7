package io.loggregator.doppler.egress;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.stream.selection.SelectorMessages;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cloudfoundry.loggregator.plumbing.Filter;
import org.cloudfoundry.loggregator.plumbing.RecentLogsRequest;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;

/** Reads requests and holds them to limits. */
final class Requests {
    private final RequestLimits limits;

    Requests(RequestLimits limits) {
        this.limits = limits;
    }

    /** A request that cannot be answered; the message says why, to the client. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1L;

        Invalid(String message) {
            super(message, null, false, false);
        }
    }

    /** What a {@code plumbing.SubscriptionRequest} asks for. */
    Subscription v1(byte[] bytes) throws Invalid {
        SubscriptionRequest request;
        try {
            request = SubscriptionRequest.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new Invalid("not a SubscriptionRequest");
        }
        Filter filter = request.getFilter();
        String app = name("filter.appID", filter.getAppID());
        return new Subscription(
                Subscription.V1, name("shardID", request.getShardID()), selection(filter, app), app, "");
    }

    private static Selection selection(Filter filter, String app) {
        Selection classes = switch (filter.getMessageCase()) {
            case LOG -> Selection.LOGS;
            case METRIC -> Selection.METRICS;
            case MESSAGE_NOT_SET -> Selection.ALL;
        };
        return app.isEmpty() ? classes : Selection.ofApp(app, classes.classes());
    }

    /** The app of a {@code RecentLogsRequest} or {@code ContainerMetricsRequest}, which have the same fields. */
    String app(byte[] bytes) throws Invalid {
        try {
            return name("appID", RecentLogsRequest.parseFrom(bytes).getAppID());
        } catch (InvalidProtocolBufferException e) {
            throw new Invalid("not a request for an app's recent past");
        }
    }

    /** What a {@code loggregator.v2.EgressBatchRequest} asks for. */
    Subscription v2(byte[] bytes) throws Invalid {
        EgressBatchRequest request;
        try {
            request = EgressBatchRequest.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new Invalid("not an EgressBatchRequest");
        }
        String shard = name("shard_id", request.getShardId());
        int all = request.getSelectorsCount();
        for (LoggregatorEgress.Selector selector : request.getSelectorsList()) {
            all += selector.getGauge().getNamesCount();
        }
        if (all > limits.selectors()) {
            throw new Invalid("selectors and names in them: " + all + ", at most " + limits.selectors());
        }
        List<Selector> selectors = new ArrayList<>(request.getSelectorsCount());
        for (LoggregatorEgress.Selector message : request.getSelectorsList()) {
            // One that names no kind, or one that we do not know, selects nothing.
            Optional<Selector> selector = SelectorMessages.read(message);
            if (selector.isPresent()) {
                name("selectors.source_id", selector.get().sourceId());
                for (String metric : selector.get().names()) {
                    name("a selector's metric name", metric);
                }
                selectors.add(selector.get());
            }
        }
        Selection selection = selectors.isEmpty() ? null : Selection.of(selectors, !shard.isEmpty());
        return new Subscription(
                Subscription.V2, shard, selection, "", name("deterministic_name", request.getDeterministicName()));
    }

    private String name(String field, String value) throws Invalid {
        // The first test spares the second for most.
        if (value.length() > limits.nameBytes() || value.getBytes(StandardCharsets.UTF_8).length > limits.nameBytes()) {
            throw new Invalid(field + " has more than " + limits.nameBytes() + " bytes");
        }
        return value;
    }
}
