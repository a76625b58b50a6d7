package io.loggregator.trafficcontroller;

/**
 * The ports that a Traffic Controller listens on, the same for all of its event loops; 0 for one that it does not have. Safe
 * for use by any thread.
 */
final class BoundPorts {
    private volatile int loggregator;
    private volatile int gateway;

    void bound(int loggregatorPort, int gatewayPort) {
        loggregator = loggregatorPort;
        gateway = gatewayPort;
    }

    int loggregator() {
        return loggregator;
    }

    int gateway() {
        return gateway;
    }
}
