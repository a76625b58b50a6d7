package io.loggregator.trafficcontroller.gateway;

/** A query that cannot be served. */
final class BadQuery extends Exception {
    private static final long serialVersionUID = 1L;

    final String code;

    /**
     * @param code as the answer's {@code error} names it
     * @param message for the client
     */
    BadQuery(String code, String message) {
        super(message, null, false, false);
        this.code = code;
    }
}
