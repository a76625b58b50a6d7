package io.loggregator.trafficcontroller.subscription;

/** In which bytes a reader wants its envelopes. A batch is rendered to each form at most once, for all its readers. */
public enum Form {
    /** One unmasked binary WebSocket frame for each v1 envelope. */
    V1_FRAMES,
    /** A {@code loggregator.v2.EnvelopeBatch} of the envelopes as they were accepted. */
    V2,
    /** The same, with all tags in {@code tags}. */
    V2_PREFERRED,
    /** The same, with all tags in {@code deprecated_tags}. */
    V2_DEPRECATED,
    /** For each envelope a JSON object, as the gateway writes it, and a comma. */
    JSON
}
