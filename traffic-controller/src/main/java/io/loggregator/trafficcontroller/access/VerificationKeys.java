package io.loggregator.trafficcontroller.access;

import com.nimbusds.jose.jwk.JWK;
import io.vertx.core.Future;
import java.util.List;

/** The public keys that tokens are signed with. They change: keys are rotated. Belongs to an event loop. */
interface VerificationKeys {
    /** Those known now; empty before the first are known. For use by any thread. */
    List<JWK> known();

    /**
     * Looks for newer ones, because a token names a key that is not known. Completes, never fails, when that is done; at
     * once if it was done a moment ago.
     */
    Future<Void> refresh();

    /** Ends what goes on in the background. */
    void close();
}
