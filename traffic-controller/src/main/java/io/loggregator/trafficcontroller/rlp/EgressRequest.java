package io.loggregator.trafficcontroller.rlp;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.SelectorMessages;
import io.loggregator.trafficcontroller.subscription.DopplerLimits;
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
        atMost(DopplerLimits.MOST_SELECTORS, wanted.size(), wanted.size() + " selectors");
        long bytes = wanted.stream().mapToLong(Selector::getSerializedSize).sum();
        atMost(DopplerLimits.MOST_SELECTOR_BYTES, bytes, "selectors of " + bytes + " bytes");
        List<io.loggregator.stream.selection.Selector> selectors = new ArrayList<>();
        for (Selector one : wanted) {
            Optional<io.loggregator.stream.selection.Selector> selector = SelectorMessages.read(one);
            selectors.add(selector.orElseThrow(() -> invalid("Selectors must have a Message")));
        }
        int count = DopplerLimits.count(selectors);
        atMost(DopplerLimits.MOST_SELECTORS, count, count + " selectors and gauge names");
        for (io.loggregator.stream.selection.Selector selector : selectors) {
            checked("source_id", selector.sourceId());
            for (String name : selector.names()) {
                checked("name", name);
            }
        }
        return selectors;
    }

    private static String checked(String field, String name) throws StatusException {
        int bytes = DopplerLimits.bytes(name);
        atMost(DopplerLimits.LONGEST_NAME, bytes, field + " of " + bytes + " bytes");
        return name;
    }

    private static void atMost(int most, long asked, String what) throws StatusException {
        if (asked > most) {
            throw invalid(what + ", at most " + most + " are served");
        }
    }

    private static StatusException invalid(String why) {
        return Status.INVALID_ARGUMENT.withDescription(why).asException();
    }
}
