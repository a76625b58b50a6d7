package io.loggregator.nozzle;

import java.net.URI;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * Where tokens come from. Those that ask a UAA keep its token until shortly before it expires or a server refuses it, and ask
 * once for all who want one at the same time. Their failures are typed: {@link UnauthorizedException} for credentials that
 * are refused, {@link UnavailableException} and a {@link RefusedException} of 5xx for what may pass; the pause before the next
 * attempt is the nozzle's. An {@code http} address sends the secret in plain text.
 */
public final class Tokens {
    private Tokens() {}

    /**
     * Always this one.
     *
     * @param token with or without the word {@code bearer}, as {@code cf oauth-token} prints it
     * @throws IllegalArgumentException it is empty, or has spaces or control characters in it
     */
    public static TokenSupplier of(String token) {
        String bare = token.strip().replaceFirst("(?i)^bearer(\\s+|$)", "");
        if (bare.isEmpty() || bare.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
            throw new IllegalArgumentException("a token is ASCII without spaces and control characters");
        }
        return () -> CompletableFuture.completedFuture(bare);
    }

    /** As {@link #clientCredentials(URI, String, String, TlsOptions)}, trusting the authorities that Java trusts. */
    public static TokenSupplier clientCredentials(URI uaa, String id, String secret) {
        return clientCredentials(uaa, id, secret, TlsOptions.system());
    }

    /**
     * What the UAA gives to a client of its own ({@code grant_type=client_credentials}).
     *
     * @param uaa its address, such as {@code https://uaa.example.com}
     * @param id the client's, without a colon
     * @throws IllegalArgumentException the address is not HTTP, or the id has a colon
     */
    public static TokenSupplier clientCredentials(URI uaa, String id, String secret, TlsOptions tls) {
        return new UaaTokens(uaa, id, secret, null, tls);
    }

    /** As {@link #refreshToken(URI, String, String, String, TlsOptions)}, trusting the authorities that Java trusts. */
    public static TokenSupplier refreshToken(URI uaa, String id, String secret, String refreshToken) {
        return refreshToken(uaa, id, secret, refreshToken, TlsOptions.system());
    }

    /**
     * What the UAA gives to a user that has logged in before. A refresh token that comes with an answer takes the place of
     * the one before.
     *
     * @param uaa its address, such as {@code https://uaa.example.com}
     * @param id of the client that the user logged in with; {@code cf} is the command line's
     * @param secret of the client; empty for {@code cf}
     * @throws IllegalArgumentException the address is not HTTP, or the id has a colon
     */
    public static TokenSupplier refreshToken(URI uaa, String id, String secret, String refreshToken, TlsOptions tls) {
        return new UaaTokens(uaa, id, secret, Objects.requireNonNull(refreshToken, "refreshToken"), tls);
    }
}
