package io.loggregator.trafficcontroller.rlp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.SelectorMessages;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;

/**
 * What a call asks for.
 *
 * @param text for log lines
 */
record EgressRequest(Subscription subscription, Form form, String text) {
    private static final String PROTOCOL = "v2";
    private static final int MOST_SELECTORS = 1_000;
    private static final int MOST_SELECTOR_BYTES = 64 * 1024;
    private static final int LONGEST_NAME = 1_024;

    /**
     * Reads and checks a message. Those of both methods have the same fields.
     *
     * @throws StatusException it cannot be served; the status tells the client why
     */
    static EgressRequest read(byte[] message) throws StatusException {
        EgressBatchRequest request;
        try {
            request = EgressBatchRequest.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw invalid("not an egress request: " + e.getMessage());
        }
        List<Selector> wanted = request.getSelectorsList();
        if (wanted.isEmpty() && request.hasLegacySelector()) {
            wanted = List.of(request.getLegacySelector());
        }
        String shard = request.getShardId();
        String place = request.getDeterministicName();
        Subscription subscription = new Subscription(
                PROTOCOL,
                checked("shard_id", shard),
                Selection.of(selectors(wanted), !shard.isEmpty()),
                Refinement.NONE,
                checked("deterministic_name", place),
                "");
        Form form = request.getUsePreferredTags() ? Form.V2_PREFERRED : Form.V2_DEPRECATED;
        return new EgressRequest(
                subscription, form, "shard_id \"" + shard + "\", selecting " + subscription.selection());
    }

    private static List<io.loggregator.stream.selection.Selector> selectors(List<Selector> wanted)
            throws StatusException {
        if (wanted.isEmpty()) {
            throw invalid("Selectors cannot be empty");
        }
        if (wanted.size() > MOST_SELECTORS) {
            throw invalid(wanted.size() + " selectors, at most " + MOST_SELECTORS + " are served");
        }
        long bytes = wanted.stream().mapToLong(Selector::getSerializedSize).sum();
        if (bytes > MOST_SELECTOR_BYTES) {
            throw invalid("selectors of " + bytes + " bytes, at most " + MOST_SELECTOR_BYTES + " are served");
        }
        List<io.loggregator.stream.selection.Selector> selectors = new ArrayList<>();
        for (Selector one : wanted) {
            Optional<io.loggregator.stream.selection.Selector> selector = SelectorMessages.read(one);
            selectors.add(selector.orElseThrow(() -> invalid("Selectors must have a Message")));
        }
        return selectors;
    }

    private static String checked(String field, String name) throws StatusException {
        if (name.length() > LONGEST_NAME) {
            throw invalid(field + " of " + name.length() + " characters, at most " + LONGEST_NAME + " are served");
        }
        return name;
    }

    private static StatusException invalid(String why) {
        return Status.INVALID_ARGUMENT.withDescription(why).asException();
    }
}
