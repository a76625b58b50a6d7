package io.loggregator.nozzle;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** One question over HTTP to the UAA or the API: its answer is bounded in bytes and time, and redirects are not followed. */
final class Inquiry {
    static final int LARGEST_ANSWER = 256 << 10;

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final TlsOptions tls;
    private final Duration limit;

    /** @param limit from the question to the end of its answer */
    Inquiry(TlsOptions tls, Duration limit) {
        this.tls = tls;
        this.limit = limit;
    }

    /** Fails with a {@link NozzleException} as its cause if no answer of any status comes. */
    CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request) {
        HttpClient client;
        try {
            // A client for each question: they are rare, certificates may have been replaced, and no thread stays.
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(CONNECT_LIMIT)
                    .sslContext(tls.context())
                    .build();
        } catch (NozzleException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<HttpResponse<byte[]>> sent =
                client.sendAsync(request, head -> new BoundedBody(LARGEST_ANSWER));
        // Also a body that trickles has to end.
        return sent.copy().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).handle((response, failure) -> {
            if (failure != null) {
                sent.cancel(true);
                throw new CompletionException(explained(failure, request.uri()));
            }
            return response;
        });
    }

    private NozzleException explained(Throwable failure, URI uri) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String where = uri.getScheme() + "://" + uri.getAuthority();
        for (Throwable deeper = cause; deeper != null; deeper = deeper.getCause()) {
            if (deeper instanceof BoundedBody.TooLong) {
                return new ProtocolException(where + " gave " + deeper.getMessage() + ": is it the right address?");
            }
        }
        if (cause instanceof TimeoutException || cause instanceof HttpTimeoutException) {
            return new UnavailableException(where + " did not answer within " + limit.toMillis() + " ms", cause);
        }
        if (cause instanceof SSLException) {
            return new TlsException(
                    "no TLS with " + where + ": " + cause.getMessage()
                            + ". Check the CA that TlsOptions trusts, the host name, and that the port speaks TLS",
                    cause);
        }
        if (cause instanceof ConnectException) {
            return new UnavailableException(where + " cannot be reached: " + cause, cause);
        }
        if (cause instanceof IOException && isNoHttp(cause)) {
            return new ProtocolException(where + " does not speak HTTP: is it the right address?");
        }
        return new UnavailableException("the connection to " + where + " broke: " + cause, cause);
    }

    /** The JDK has no type for it. */
    private static boolean isNoHttp(Throwable cause) {
        for (Throwable deeper = cause; deeper != null; deeper = deeper.getCause()) {
            if (deeper instanceof java.net.ProtocolException) {
                return true;
            }
        }
        return false;
    }
}
