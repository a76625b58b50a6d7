package io.loggregator.trafficcontroller.subscription;

/** Opens subscriptions, on the event loop that it belongs to. */
@FunctionalInterface
public interface Readings {
    /** Serves the reader from now on, until {@link Reading#close}, {@link Reader#tooSlow} or {@link Reader#stopping}. Nothing is handed over before it returns. */
    Reading open(Subscription subscription, Form form, Reader reader);
}
