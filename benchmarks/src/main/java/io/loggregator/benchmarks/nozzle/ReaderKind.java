package io.loggregator.benchmarks.nozzle;

import io.loggregator.benchmarks.reader.FrameCounter;
import io.loggregator.nozzle.TlsOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** The readers that are compared. */
enum ReaderKind {
    /** What the Traffic Controller can give one client: WebSocket frames, counted and thrown away. */
    FRAMES("frames", false),
    /** The library, batches passed on as bytes. */
    SDK_RAW("sdk-raw", false),
    /** The library; source id, text and all tags of each envelope are read. */
    SDK_TYPED("sdk-typed", false),
    /** The same over the first protocol. */
    SDK_V1("sdk-v1", true),
    /** cf-java-client; app, text and tags of each envelope are read. */
    CF_JAVA_CLIENT("cf-java-client", false);

    private final String label;
    private final boolean relayed;

    ReaderKind(String label, boolean relayed) {
        this.label = label;
        this.relayed = relayed;
    }

    /** How it is called in tables and on the command line. */
    String label() {
        return label;
    }

    /** Whether a {@link V1Relay} is between it and the server, so that it is spoken to in the first protocol. */
    boolean relayed() {
        return relayed;
    }

    Reader open(URI endpoint, Path authority) throws IOException {
        String subscription = "benchmark-" + label;
        return switch (this) {
            case FRAMES ->
                new FrameReader(new FrameCounter(
                        endpoint, TlsOptions.trusting(authority).context(), subscription));
            case SDK_RAW -> new SdkReader(endpoint, authority, subscription, false);
            case SDK_TYPED, SDK_V1 -> new SdkReader(endpoint, authority, subscription, true);
            case CF_JAVA_CLIENT -> new CfReader(endpoint, authority, subscription);
        };
    }

    @Override
    public String toString() {
        return label;
    }
}
