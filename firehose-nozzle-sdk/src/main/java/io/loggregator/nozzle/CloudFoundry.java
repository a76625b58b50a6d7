package io.loggregator.nozzle;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * What a Cloud Foundry's API tells about where its services are.
 *
 * @param endpoint for a nozzle: {@code ws} or {@code wss}
 * @param uaa for {@link Tokens}: {@code http} or {@code https}
 */
public record CloudFoundry(URI endpoint, URI uaa) {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /**
     * Asks the API's root, and {@code /v2/info} where that does not tell. Waits for up to a minute.
     *
     * @param api such as {@code https://api.example.com}
     * @throws NozzleException the API cannot be reached or does not tell, or it is {@code https} and tells addresses without
     *     TLS
     * @throws IllegalArgumentException the address is not HTTP
     */
    public static CloudFoundry at(URI api, TlsOptions tls) {
        return at(api, new Inquiry(tls, LIMIT));
    }

    static CloudFoundry at(URI api, Inquiry inquiry) {
        if (!"https".equalsIgnoreCase(api.getScheme()) && !"http".equalsIgnoreCase(api.getScheme())) {
            throw new IllegalArgumentException("an API's address begins with https://, not " + api);
        }
        String base = api.toString().replaceFirst("/+$", "");
        Map<String, String> root = ask(inquiry, URI.create(base + "/"));
        String logging = root.get("links.logging.href");
        String uaa = root.get("links.uaa.href");
        if (logging == null || uaa == null) {
            Map<String, String> info = ask(inquiry, URI.create(base + "/v2/info"));
            logging = logging == null ? info.get("doppler_logging_endpoint") : logging;
            uaa = uaa == null ? info.get("token_endpoint") : uaa;
        }
        boolean secure = "https".equalsIgnoreCase(api.getScheme());
        return new CloudFoundry(
                address(logging, secure, "ws", base, "a Loggregator endpoint"),
                address(uaa, secure, "http", base, "a UAA"));
    }

    /** The endpoint alone, as {@link #at(URI, TlsOptions)} finds it. */
    public static URI endpointOf(URI api, TlsOptions tls) {
        return at(api, tls).endpoint();
    }

    /** What a path tells; nothing if it is not there. */
    private static Map<String, String> ask(Inquiry inquiry, URI uri) {
        HttpResponse<byte[]> response;
        try {
            response = inquiry.send(HttpRequest.newBuilder(uri)
                            .header("Accept", "application/json")
                            .build())
                    .join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof NozzleException known
                    ? known
                    : new UnavailableException(uri + " could not be asked: " + e.getCause(), e.getCause());
        }
        if (response.statusCode() == 404) {
            return Map.of();
        }
        if (response.statusCode() != 200) {
            throw new RefusedException(
                    uri + " answered HTTP status " + response.statusCode() + ": is it the API's address?",
                    response.statusCode());
        }
        try {
            return JsonText.values(response.body());
        } catch (IOException e) {
            throw new ProtocolException(uri + " answered what is no JSON object: is it the API's address?");
        }
    }

    private static URI address(String told, boolean secure, String scheme, String base, String what) {
        if (told == null) {
            throw new ProtocolException(base + " does not tell of " + what + ": is it the API's address?");
        }
        URI uri;
        try {
            uri = URI.create(told);
        } catch (IllegalArgumentException e) {
            throw new ProtocolException(base + " tells of " + what + " at what is no address");
        }
        boolean overTls = (scheme + "s").equalsIgnoreCase(uri.getScheme());
        if (uri.getHost() == null || !(overTls || scheme.equalsIgnoreCase(uri.getScheme()))) {
            throw new ProtocolException(
                    base + " tells of " + what + " at " + uri + ", which is no address of that kind");
        }
        if (secure && !overTls) {
            throw new ProtocolException(base + " tells of " + what + " without TLS, " + uri
                    + ", where a token would be in plain text. If that is right, set it by hand");
        }
        return uri;
    }
}
