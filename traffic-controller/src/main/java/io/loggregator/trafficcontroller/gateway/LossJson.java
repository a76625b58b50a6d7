package io.loggregator.trafficcontroller.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.stream.notice.LossNotice;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/** Word of a loss in the form of {@link io.loggregator.trafficcontroller.subscription.Form#JSON}. */
final class LossJson {
    private static final String PLATFORM = "system";

    private LossJson() {}

    /** The notice for a reader, as JSON objects with a comma behind each. */
    static byte[] of(Loss loss, Subscription subscription, String client) {
        Set<String> sources = subscription.selection().sources().orElse(Set.of());
        LossNotice notice = new LossNotice(
                subscription.selection(),
                sources.size() == 1 ? sources.iterator().next() : PLATFORM,
                loss.count(),
                loss.total(),
                loss.firstMillis(),
                loss.lastMillis(),
                loss.reason(),
                client);
        StringBuilder text = new StringBuilder();
        try {
            for (Envelope envelope : EnvelopeBatch.parseFrom(notice.v2()).getBatchList()) {
                text.append(json(envelope).encode()).append(',');
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a notice of ours", e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static JsonObject json(Envelope envelope) {
        JsonObject tags = new JsonObject();
        envelope.getTagsMap().forEach(tags::put);
        JsonObject json = new JsonObject()
                .put("timestamp", Long.toString(envelope.getTimestamp()))
                .put("source_id", envelope.getSourceId())
                .put("instance_id", envelope.getInstanceId())
                .put("deprecated_tags", new JsonObject())
                .put("tags", tags);
        if (envelope.hasLog()) {
            json.put(
                    "log",
                    new JsonObject()
                            .put(
                                    "payload",
                                    Base64.getEncoder()
                                            .encodeToString(envelope.getLog()
                                                    .getPayload()
                                                    .toByteArray()))
                            .put("type", envelope.getLog().getType().name()));
        } else {
            json.put(
                    "counter",
                    new JsonObject()
                            .put("name", envelope.getCounter().getName())
                            .put(
                                    "delta",
                                    Long.toUnsignedString(envelope.getCounter().getDelta()))
                            .put(
                                    "total",
                                    Long.toUnsignedString(envelope.getCounter().getTotal())));
        }
        return json;
    }
}
