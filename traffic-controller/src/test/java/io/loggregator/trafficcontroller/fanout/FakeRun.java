package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.ToDoppler;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import java.time.Duration;

/** A link to one run of a Doppler, which takes whatever it is told. */
final class FakeRun implements DopplerSession {
    private final String epoch;
    boolean open = true;
    Duration silence = Duration.ZERO;

    FakeRun(String epoch) {
        this.epoch = epoch;
    }

    @Override
    public Kind kind() {
        return Kind.LINK;
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public String address() {
        return "127.0.0.1:1";
    }

    @Override
    public boolean selects() {
        return false;
    }

    @Override
    public void send(ToDoppler message) {}

    @Override
    public void confirm(long member, int lane, long sequence) {}

    @Override
    public Duration silence() {
        return silence;
    }
}
