package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.edge.Query;
import io.loggregator.trafficcontroller.refinement.FilterLimits;
import io.loggregator.trafficcontroller.subscription.DopplerLimits;
import java.nio.charset.StandardCharsets;

/** Queries of {@code /v2/read}. */
public final class ReadQueryTarget {
    private ReadQueryTarget() {}

    /** Takes any bytes, one to a char, as HTTP has them. */
    public static void fuzzerTestOneInput(byte[] data) {
        ReadQuery query = new ReadQuery(Query.parse(new String(data, StandardCharsets.ISO_8859_1)), FilterLimits.USUAL);
        query.sources();
        try {
            if (query.subscription("").selection().selectors().size() > DopplerLimits.MOST_SELECTORS) {
                throw new AssertionError("more selectors than there may be");
            }
        } catch (BadQuery refused) {
            // Which the client is told.
        }
    }
}
