package io.loggregator.trafficcontroller;

import java.io.IOException;

/** The gateway port cannot be bound; the cause says why. */
final class GatewayNotBound extends IOException {
    private static final long serialVersionUID = 1L;

    GatewayNotBound(Throwable cause) {
        super(cause);
    }
}
