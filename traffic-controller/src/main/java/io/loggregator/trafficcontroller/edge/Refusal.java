package io.loggregator.trafficcontroller.edge;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Why something from outside was refused. In lower case, the names are what the counter is told. */
public enum Refusal {
    /** Not HTTP, or HTTP that breaks its own rules. */
    MALFORMED_REQUEST,
    /** A version other than 1.0, 1.1 or, over TLS, 2. */
    HTTP_VERSION,
    /** A request line that is too long. */
    LINE_TOO_LONG,
    /** Headers that are too large together. */
    HEADER_TOO_LARGE,
    /** A request that was not complete in time. */
    SLOW_REQUEST,
    /** One connection too many. */
    TOO_MANY_CONNECTIONS,
    /** One connection too many of one client. */
    TOO_MANY_CONNECTIONS_OF_CLIENT,
    /** A header of the PROXY protocol that is broken, too long or not complete in time; or none where one is required. */
    PROXY_HEADER,
    /** A header of the PROXY protocol, or where one is required any connection, from elsewhere than a trusted proxy. */
    UNTRUSTED_PROXY,
    /** A path with a broken percent escape, a control character or an id that is not UTF-8. */
    MALFORMED_PATH,
    /** A subscription id or app id that is too long. */
    ID_TOO_LONG,
    /** No such path. */
    NOT_FOUND,
    /** Access control said no. */
    ACCESS,
    /** Access control could not say. */
    ACCESS_UNKNOWN,
    /** Access to an open stream was taken away. */
    REVOKED,
    /** A stream was asked for without, or with a broken, WebSocket upgrade. */
    NOT_WEBSOCKET,
    /** A stream was asked for with a method other than GET. */
    METHOD,
    /** One stream too many. */
    TOO_MANY_STREAMS,
    /** One stream too many of one client. */
    TOO_MANY_STREAMS_OF_CLIENT,
    /** A query that asks for nothing, for too much, or in a form that nobody understands. */
    BAD_QUERY,
    /** A form that cannot be read, is too long, or does not describe a cookie. */
    BAD_FORM,
    /** The pipeline had no answer, or too many under way. */
    UNANSWERED,
    /** A client took nothing of its answer for as long as it may; its connection was closed. */
    SLOW_READER,
    /** A fault of our own. */
    INTERNAL;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(Refusal::label).toList();
    }
}
