package io.loggregator.trafficcontroller.rlp;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.util.concurrent.TimeoutException;

/**
 * Cuts streams off. A call can only be closed, which waits until the client has read what was sent; but gRPC resets a
 * stream whose context has run out of time, so each gets one that can be made to.
 */
final class Cutter extends ServerStreamTracer.Factory {
    private static final Context.Key<Context.CancellableContext> STREAM = Context.key("stream");

    @Override
    public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new ServerStreamTracer() {
            @Override
            @SuppressWarnings("MustBeClosedChecker") // Cancelled by cut, if at all; nothing else holds it.
            public Context filterContext(Context context) {
                Context.CancellableContext stream = context.withCancellation();
                return stream.withValue(STREAM, stream);
            }
        };
    }

    /** What cuts the stream whose call is being started. */
    static Runnable ofCurrent() {
        Context.CancellableContext stream = STREAM.get();
        return () -> stream.cancel(new TimeoutException("nothing was read"));
    }
}
