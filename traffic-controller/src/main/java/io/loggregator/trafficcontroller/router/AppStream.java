package io.loggregator.trafficcontroller.router;

import io.grpc.MethodDescriptor;
import io.loggregator.link.v1.Gap;
import io.loggregator.rpc.RawMethods;
import org.cloudfoundry.loggregator.plumbing.Filter;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;

/** The stream of one app that clients follow; one for all of them. Their slowness is dealt with where it goes. */
final class AppStream extends RouterStream {
    private final String app;
    private final V1Messages messages;

    AppStream(RouterSession session, String app) {
        super(session, session.counters().apps);
        this.app = app;
        this.messages = session.v1();
    }

    @Override
    MethodDescriptor<byte[], byte[]> method() {
        return RawMethods.batchSubscribe();
    }

    @Override
    byte[] request() {
        return SubscriptionRequest.newBuilder()
                .setFilter(Filter.newBuilder().setAppID(app))
                .build()
                .toByteArray();
    }

    @Override
    boolean takesMore() {
        return true;
    }

    @Override
    void received(byte[] message) {
        if (messages.read(message)) {
            int end = messages.end();
            session()
                    .listener()
                    .batch(session(), session().header(end).setTails(true).build(), messages.bytes(), 0, end);
        }
    }

    @Override
    void lost() {
        session()
                .listener()
                .gap(
                        session(),
                        Gap.newBuilder()
                                .setSourceId(app)
                                .setReason(RouterSession.LINK_DOWN)
                                .build());
    }
}
