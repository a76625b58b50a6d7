package io.loggregator.cli.client;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Opens a stream in {@code loggregator.stream.v2}, each time where the one before had been handled, or in v1 if the server
 * knows nothing else. Used by one thread.
 */
final class AcknowledgedSource implements Follower.Source {
    private final TrafficControllerClient client;
    private final String target;
    private final Consumer<String> notices;
    private String position = "";
    private boolean saidV1;

    /** @param notices told of gaps, and when it has to be v1 */
    AcknowledgedSource(TrafficControllerClient client, String target, Consumer<String> notices) {
        this.client = client;
        this.target = target;
        this.notices = notices;
    }

    @Override
    public Arrivals open() throws Refused, Unreachable, InterruptedException {
        Optional<EnvelopeStream> stream = client.openAcknowledged(target);
        if (stream.isPresent()) {
            return new AcknowledgedStream(stream.get(), position, told -> position = told, notices);
        }
        if (!saidV1) {
            saidV1 = true;
            notices.accept("--v2: the server does not offer it; going on with v1, which acknowledges nothing");
        }
        return client.open(target);
    }
}
