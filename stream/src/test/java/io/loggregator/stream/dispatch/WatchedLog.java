package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.wire.BatchCursor;
import java.util.function.LongConsumer;

/** A log that tells a test which envelopes, by their timestamps, it was thinned of. */
final class WatchedLog implements Log {
    private final Log log;
    private final LongConsumer gone;

    WatchedLog(Log log, LongConsumer gone) {
        this.log = log;
        this.gone = gone;
    }

    @Override
    public void onTrim(TrimListener listener) {
        log.onTrim(new TrimListener() {
            @Override
            public boolean isAwaitedBefore(long position) {
                return listener.isAwaitedBefore(position);
            }

            @Override
            public void thinningBegins(long to) {
                listener.thinningBegins(to);
            }

            @Override
            public void thinning(long position, long arrivalMillis, BatchCursor envelope) {
                gone.accept(envelope.timestamp());
                listener.thinning(position, arrivalMillis, envelope);
            }

            @Override
            public void thinned(long from, long to) {
                listener.thinned(from, to);
            }

            @Override
            public void trimming(long from, long to, long lastMillis) {
                listener.trimming(from, to, lastMillis);
            }
        });
    }

    @Override
    public long append(byte[] bytes, int from, int to, int envelopes, int logs, long nowMillis) {
        return log.append(bytes, from, to, envelopes, logs, nowMillis);
    }

    @Override
    public long head() {
        return log.head();
    }

    @Override
    public long tail() {
        return log.tail();
    }

    @Override
    public boolean read(long position, long limit, int maxBytes, Span into) {
        return log.read(position, limit, maxBytes, into);
    }

    @Override
    public long thinnedTo() {
        return log.thinnedTo();
    }

    @Override
    public long envelopesBefore(long position) {
        return log.envelopesBefore(position);
    }

    @Override
    public long logsBefore(long position) {
        return log.logsBefore(position);
    }

    @Override
    public long arrivalAt(long position) {
        return log.arrivalAt(position);
    }

    @Override
    public long borderFrom(long position) {
        return log.borderFrom(position);
    }

    @Override
    public long positionAt(long millis) {
        return log.positionAt(millis);
    }

    @Override
    public long reach() {
        return log.reach();
    }

    @Override
    public long memory() {
        return log.memory();
    }
}
