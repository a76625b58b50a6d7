package io.loggregator.nozzle;

import io.loggregator.nozzle.websocket.Closed;
import io.loggregator.nozzle.websocket.Ended;
import io.loggregator.nozzle.websocket.Refused;
import io.loggregator.nozzle.websocket.Target;
import io.loggregator.nozzle.websocket.Violation;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Turns what went wrong into what a nozzle's author is told. */
final class Troubles {
    private static final int POLICY = 1008;
    private static final int PROTOCOL_ERROR = 1002;

    private Troubles() {}

    /** No stream came of an attempt. */
    static NozzleException connecting(Exception trouble, Target target) {
        if (trouble instanceof NozzleException known) {
            return known;
        }
        if (trouble instanceof Refused refused) {
            return refused(refused, target);
        }
        if (trouble instanceof Violation) {
            return new ProtocolException(
                    target + through(target) + " is no Loggregator endpoint: " + trouble.getMessage());
        }
        if (trouble instanceof SSLException && !endedWithoutAWord(trouble)) {
            return new TlsException(
                    "no TLS with " + target.host() + ":" + target.port() + ": " + trouble.getMessage()
                            + ". Check the CA that TlsOptions trusts, the host name in the endpoint, and that the port"
                            + " speaks TLS (wss), and the client certificate if the server wants one",
                    trouble);
        }
        if (trouble instanceof UnknownHostException) {
            return new UnavailableException(
                    "no address for the name "
                            + (target.proxy() == null
                                    ? target.host()
                                    : target.proxy().getHostString()),
                    trouble);
        }
        if (trouble instanceof SocketTimeoutException) {
            return new UnavailableException(
                    target + through(target) + " did not answer within " + target.timeoutMillis() + " ms: "
                            + trouble.getMessage(),
                    trouble);
        }
        return new UnavailableException(
                target + through(target) + " cannot be reached: " + trouble.getMessage(), trouble);
    }

    private static String through(Target target) {
        return target.proxy() == null
                ? ""
                : " (through the proxy " + target.proxy().getHostString() + ":"
                        + target.proxy().getPort() + ")";
    }

    private static boolean endedWithoutAWord(Throwable trouble) {
        for (Throwable cause = trouble; cause != null; cause = cause.getCause()) {
            if (cause instanceof EOFException || cause instanceof java.net.SocketException) {
                return true;
            }
        }
        return false;
    }

    private static NozzleException refused(Refused refused, Target target) {
        int status = refused.status();
        Optional<String> error = target.events() ? json(refused.body(), "error") : Optional.empty();
        String text = error.isPresent() ? json(refused.body(), "message").orElse(error.get()) : refused.body();
        String said = text.isEmpty() ? "" : " (" + text + ")";
        if (refused.byProxy()) {
            return new RefusedException(
                    "the proxy " + target.proxy().getHostString() + ":"
                            + target.proxy().getPort() + " answered HTTP status " + status + said
                            + " when it was to connect to " + target.host() + ":" + target.port()
                            + (status == 407 ? ". It wants a user and a password, or others" : ""),
                    status);
        }
        // The gateway tells those who may not read nothing else.
        if (status == 401 || (status == 404 && error.filter("not_found"::equals).isPresent())) {
            return new UnauthorizedException(
                    "the server refused the token" + said + ". It needs the scope doppler.firehose (or"
                            + " logs.admin) for a firehose, and the right to see the app for an app's stream");
        }
        if (status / 100 == 3) {
            return new RefusedException(
                    target + " is redirected to " + refused.location() + ", which is not followed because it would get"
                            + " the token. If it is right, set it as the endpoint",
                    status);
        }
        return new RefusedException(target + " answered HTTP status " + status + said, status);
    }

    /** A text of a refusal's body, if that is the gateway's JSON. */
    private static Optional<String> json(String body, String name) {
        try {
            return Optional.ofNullable(
                    JsonText.values(body.getBytes(StandardCharsets.UTF_8)).get(name));
        } catch (IOException e) {
            // Somebody else's words, or not all of them: they are told as they are.
            return Optional.empty();
        }
    }

    /**
     * A stream ended.
     *
     * @param ready whether the server had agreed to it
     * @param keepAliveMillis for how long it may be silent
     */
    static NozzleException streaming(Throwable trouble, boolean ready, int keepAliveMillis) {
        if (trouble instanceof NozzleException known) {
            return known;
        }
        if (trouble instanceof Violation) {
            return new ProtocolException("the server broke the protocol: " + trouble.getMessage());
        }
        if (trouble instanceof Ended ended) {
            return ended.reason().startsWith("too slow")
                    ? slow(ended.reason())
                    : new UnavailableException("the server " + ended.getMessage(), ended);
        }
        if (trouble instanceof Closed closed) {
            return closed(closed, ready);
        }
        if (trouble instanceof SocketTimeoutException) {
            return new UnavailableException(
                    "nothing came for " + keepAliveMillis + " ms, not even a Ping or a heartbeat", trouble);
        }
        return new UnavailableException("the connection ended: " + trouble.getMessage(), trouble);
    }

    private static NozzleException closed(Closed closed, boolean ready) {
        String reason = closed.reason();
        if (closed.code() == POLICY && reason.startsWith("too slow")) {
            return slow(reason);
        }
        if (closed.code() == PROTOCOL_ERROR) {
            return new ProtocolException("the server did not understand this library: " + reason);
        }
        if (closed.code() == POLICY && !ready) {
            return new RefusedException("the server does not serve what was asked for: " + reason, 400);
        }
        return new UnavailableException("the server " + closed.getMessage(), closed);
    }

    private static NozzleException slow(String reason) {
        return new SlowHandlerException("the server closed the stream: " + reason
                + ". Make the handler faster, use more connections, or raise the server's SLOW_CONSUMER_TIMEOUT");
    }
}
