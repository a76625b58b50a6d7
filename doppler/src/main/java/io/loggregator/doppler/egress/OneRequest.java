package io.loggregator.doppler.egress;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.loggregator.doppler.lane.DopplerLane;

/** A call whose client sends one request. On the event loop of its connection. */
abstract class OneRequest extends ServerCall.Listener<byte[]> {
    private final ServerCall<byte[], byte[]> call;
    private final DopplerLane home;
    private byte[] request;

    /** @param home the lane of the connection's loop */
    OneRequest(ServerCall<byte[], byte[]> call, DopplerLane home) {
        this.call = call;
        this.home = home;
    }

    /** Ends a call for the memory that its request takes, which has come in part; from any thread. */
    final void refuse(Status status) {
        home.later(() -> {
            if (!isOver()) {
                fail(status);
            }
        });
    }

    final DopplerLane home() {
        return home;
    }

    final ServerCall<byte[], byte[]> call() {
        return call;
    }

    /** The client's address, for log lines and notices. */
    final String client() {
        String address = String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        return address.startsWith("/") ? address.substring(1) : address;
    }

    /** The request has come, and nothing more will. */
    abstract void requested(byte[] bytes) throws Requests.Invalid;

    /** The call is over; called once or more. */
    abstract void over();

    abstract boolean isOver();

    /** Ends the call with an error. */
    final void fail(Status status) {
        over();
        call.close(status, new Metadata());
    }

    @Override
    public final void onMessage(byte[] message) {
        if (request == null) {
            request = message;
        } else {
            fail(Status.INTERNAL.withDescription("more than one request"));
        }
    }

    @Override
    public final void onHalfClose() {
        if (isOver()) {
            return;
        }
        if (request == null) {
            fail(Status.INTERNAL.withDescription("no request"));
            return;
        }
        try {
            requested(request);
        } catch (Requests.Invalid e) {
            fail(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
        }
    }

    @Override
    public final void onCancel() {
        over();
    }

    @Override
    public final void onComplete() {
        over();
    }
}
