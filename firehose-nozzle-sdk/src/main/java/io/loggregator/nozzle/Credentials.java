package io.loggregator.nozzle;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/** A connection's token, and what became of those before. The connection's own. */
final class Credentials {
    private static final int MOST_REFUSED = 3;
    private static final long LIMIT_MILLIS = 60_000;

    private final TokenSupplier supplier;
    private final Inbox inbox;
    private final BooleanSupplier stopping;
    private int refused;
    private String refusedToken;

    /**
     * @param supplier null: there are no tokens
     * @param inbox where an answer is waited for
     */
    Credentials(TokenSupplier supplier, Inbox inbox, BooleanSupplier stopping) {
        this.supplier = supplier;
        this.inbox = inbox;
        this.stopping = stopping;
    }

    /**
     * A token; null: there are none.
     *
     * @throws NozzleException there is none at the moment, or none that was not refused
     */
    String token() throws InterruptedException {
        if (supplier == null) {
            return null;
        }
        CompletableFuture<String> answer = new CompletableFuture<>();
        try {
            supplier.token().whenComplete((token, failure) -> {
                if (failure == null) {
                    answer.complete(token);
                } else {
                    answer.completeExceptionally(failure);
                }
                inbox.wake();
            });
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
        if (!inbox.await(() -> answer.isDone() || stopping.getAsBoolean(), LIMIT_MILLIS) || !answer.isDone()) {
            throw new UnavailableException("no token came within " + LIMIT_MILLIS + " ms", null);
        }
        String token;
        try {
            token = answer.get();
        } catch (ExecutionException e) {
            throw Handling.cause(e) instanceof NozzleException known
                    ? known
                    : new UnavailableException("no token: " + Handling.cause(e), Handling.cause(e));
        }
        if (token == null || token.isEmpty() || !token.matches("[\\x21-\\x7E]+")) {
            throw new UnauthorizedException(
                    "the token supplier brought no token, or one with spaces or control characters");
        }
        if (token.equals(refusedToken)) {
            refused = MOST_REFUSED;
            throw new UnauthorizedException("the server refused the token, and the token supplier has no other");
        }
        return token;
    }

    /** A stream came of the token. */
    void accepted() {
        refused = 0;
        refusedToken = null;
    }

    /** The server wants another token; null: it came without one. */
    void refused(String token) {
        refused++;
        refusedToken = token;
        if (token == null) {
            refused = MOST_REFUSED;
            refusedToken = "";
        } else {
            supplier.rejected(token);
        }
    }

    /** The token was good for the stream that has ended, and no longer is. */
    void revoked(String token) {
        if (token != null) {
            supplier.rejected(token);
        }
    }

    /** Whether the server has refused the last one: another may help, but not without end. */
    boolean wereRefused() {
        return refusedToken != null;
    }

    boolean exhausted() {
        return refused >= MOST_REFUSED;
    }
}
