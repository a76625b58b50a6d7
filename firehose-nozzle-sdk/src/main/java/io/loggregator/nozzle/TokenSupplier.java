package io.loggregator.nozzle;

import java.util.concurrent.CompletionStage;

/** Where a nozzle has its token from. Asked before every connection, from any thread. */
@FunctionalInterface
public interface TokenSupplier {
    /**
     * The access token alone, without the word {@code bearer}. A stage that fails with a {@link NozzleException} which {@link
     * NozzleException#isFinal() is final} ends the nozzle; after any other failure it asks again, after a pause.
     */
    CompletionStage<String> token();

    /**
     * The server has refused this token (401). The next call of {@link #token()} must bring another; a nozzle that gets the
     * same one ends with an {@link UnauthorizedException}.
     */
    default void rejected(String token) {}
}
