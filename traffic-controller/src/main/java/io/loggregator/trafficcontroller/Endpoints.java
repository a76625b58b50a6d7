package io.loggregator.trafficcontroller;

import io.loggregator.node.settings.Settings;

/**
 * Which ports a Traffic Controller has beside that for gRPC v2.
 *
 * @param loggregator the Loggregator port
 * @param gateway the gateway port
 */
record Endpoints(boolean loggregator, boolean gateway) {
    static final Endpoints ALL = new Endpoints(true, true);

    /** Those of one that serves nothing but v2: a gateway only where its clients can be sure of whom they talk to. */
    static Endpoints ofRlp(Settings settings) {
        return new Endpoints(
                false,
                settings.find(TrafficControllerSettings.HTTP_CERT_PATH).isPresent()
                        || settings.get(TrafficControllerSettings.LOGGREGATOR_INSECURE));
    }
}
