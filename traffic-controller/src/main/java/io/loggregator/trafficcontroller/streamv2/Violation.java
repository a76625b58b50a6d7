package io.loggregator.trafficcontroller.streamv2;

/** Something that a client must not send; its message is for the client, and holds nothing that it did not send. */
final class Violation extends Exception {
    /** The close code for what breaks the protocol (RFC 6455, 7.4.1). */
    static final short PROTOCOL_ERROR = 1002;
    /** The close code for what is not permitted. */
    static final short POLICY = 1008;

    private static final long serialVersionUID = 1;

    private final short code;

    private Violation(short code, String reason) {
        super(reason);
        this.code = code;
    }

    /** The client breaks the protocol. */
    static Violation ofProtocol(String reason) {
        return new Violation(PROTOCOL_ERROR, reason);
    }

    /** The client asks for what it cannot have. */
    static Violation ofPolicy(String reason) {
        return new Violation(POLICY, reason);
    }

    short code() {
        return code;
    }
}
