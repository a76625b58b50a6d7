package io.loggregator.node.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * The material of some files, as they were when they were last good, and the contexts made of it. Looks may take as long
 * as the file system does; everything else is quick. Safe for use by any thread.
 */
final class WatchedTls {
    private final TlsFiles files;
    private final Clock clock;
    private final List<LiveSslContext> contexts = new ArrayList<>(); // guarded by this
    private byte[] taken; // the digest of what the material was read from; used by looks only, which do not overlap
    private volatile TlsMaterial material;

    /** Reads the files for the first time. */
    WatchedTls(TlsFiles files, Clock clock) throws InvalidTlsMaterial {
        this.files = files;
        this.clock = clock;
        // Before the files are read: what changes in between is found by the next look.
        this.taken = files.digest();
        this.material = files.load(clock);
    }

    TlsFiles files() {
        return files;
    }

    TlsMaterial material() {
        return material;
    }

    /** A context that is replaced when the files change. */
    synchronized LiveSslContext follow(Function<TlsMaterial, SslContextBuilder> how) throws SSLException {
        LiveSslContext context = new LiveSslContext(how, material);
        contexts.add(context);
        return context;
    }

    /**
     * Takes the files if they have changed.
     *
     * @return whether they had
     * @throws InvalidTlsMaterial they have changed and cannot be used; what was taken before stays
     */
    boolean look() throws InvalidTlsMaterial {
        byte[] seen = files.digest();
        if (Arrays.equals(seen, taken)) {
            return false;
        }
        take(files.load(clock));
        taken = seen;
        return true;
    }

    /** All contexts or none. */
    private synchronized void take(TlsMaterial next) throws InvalidTlsMaterial {
        List<SslContext> built = new ArrayList<>();
        try {
            for (LiveSslContext context : contexts) {
                built.add(context.build(next));
            }
        } catch (SSLException e) {
            // What it says is not shown, as it might quote the key.
            TlsFiles.NamedFile file = files.certificate() == null ? files.ca() : files.certificate();
            throw new InvalidTlsMaterial(
                    file.path(), TlsProvider.describe() + " does not take it", "a certificate and key of a usual kind");
        }
        material = next;
        for (int i = 0; i < built.size(); i++) {
            contexts.get(i).use(built.get(i));
        }
    }
}
