package io.loggregator.trafficcontroller.fanout;

/** Why the recent past of an app is not looked up, or not put together. */
final class QueryRefused extends Exception {
    private static final long serialVersionUID = 1L;

    QueryRefused(String why) {
        super(why, null, false, false);
    }
}
