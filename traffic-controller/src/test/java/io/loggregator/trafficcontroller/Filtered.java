package io.loggregator.trafficcontroller;

import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;

/** Filters in a query, and what each leaves of one app's envelopes. The last of those passes all of them. */
enum Filtered {
    GREP("grep=pan.c", "1234"),
    INSTANCE("instance=1", "24"),
    SOURCE_TYPE("source_type=RTR", "034"),
    SEVERAL_OF_A_KIND("source_type=RTR&source_type=APP%2FTASK&instance=0&instance=1", "0234"),
    ALL_THREE("instance=1&source_type=APP%2FTASK&grep=panic$", "24");

    private final String query;
    /** A digit for each that passes, counted from 0. */
    private final String passing;

    Filtered(String query, String passing) {
        this.query = query;
        this.passing = passing;
    }

    /** What a client asks for, without the question mark. */
    String query() {
        return query;
    }

    /** All envelopes, in their order. */
    static List<Envelope> envelopes(String app) {
        return List.of(
                line(app, "GET /", "0", "RTR"),
                line(app, "a panic", "0", "APP"),
                line(app, "another panic", "1", "APP/TASK"),
                Envelopes.containerMetric(app, 0, 1, 1),
                Envelopes.containerMetric(app, 1, 1, 1));
    }

    private static Envelope line(String app, String text, String instance, String sourceType) {
        return Envelopes.log(app, text).toBuilder()
                .setInstanceId(instance)
                .putTags("source_type", sourceType)
                .build();
    }

    /** Those that pass. */
    List<Envelope> passing(String app) {
        List<Envelope> all = envelopes(app);
        return passing.chars().mapToObj(digit -> all.get(digit - '0')).toList();
    }

    /** Those that pass, as {@link Envelopes#texts} shows them to v1 clients. */
    List<String> texts() {
        return passing("").stream()
                .map(envelope ->
                        envelope.hasLog() ? envelope.getLog().getPayload().toStringUtf8() : "ContainerMetric")
                .toList();
    }

    /** How many do not pass. */
    int heldBack() {
        return envelopes("").size() - passing.length();
    }
}
