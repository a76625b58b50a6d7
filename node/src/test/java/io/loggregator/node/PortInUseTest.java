package io.loggregator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class PortInUseTest {
    private static final Setting<Integer> PORT = Setting.port("ROUTER_PORT", 8082, "Ingress.");
    private static final Setting<HostPort> ADDRESS = Setting.listen("GATEWAY_ADDR", ":8088", "Gateway.");
    private static final HostPort LOOPBACK = new HostPort("127.0.0.1", 8082);

    @Test
    void aPortInUseNamesTheSettingThatMovesIt() {
        BindException failure = new BindException("Address already in use");
        assertThat(PortInUse.explain(failure, PORT, LOOPBACK))
                .isEqualTo("ROUTER_PORT: port 8082 on 127.0.0.1 is in use"
                        + " (set ROUTER_PORT to another port, or to 0 for any free one)");
        assertThat(PortInUse.explain(failure, ADDRESS, LOOPBACK))
                .endsWith("(set GATEWAY_ADDR to another port, or to port 0 for any free one)");
    }

    @Test
    void theReasonMayBeWrapped() {
        IOException failure = new IOException(
                "Failed to bind", new IOException("bind(..) failed with error(-98): Address already in use"));
        assertThat(PortInUse.explain(failure, PORT, LOOPBACK)).contains("is in use");
    }

    @Test
    void otherReasonsAreExplainedToo() {
        assertThat(PortInUse.explain(new BindException("Permission denied"), PORT, new HostPort("0.0.0.0", 443)))
                .isEqualTo("ROUTER_PORT: port 443 on 0.0.0.0 is not permitted to this user"
                        + " (set ROUTER_PORT to a port from 1024 on, or grant the right to bind low ports)");
        assertThat(PortInUse.explain(new BindException("Cannot assign requested address"), PORT, LOOPBACK))
                .contains("127.0.0.1 is no address of this machine");
        assertThat(PortInUse.explain(new UnknownHostException("nowhere"), PORT, new HostPort("nowhere", 1)))
                .contains("the host nowhere is not known");
        assertThat(PortInUse.explain(new IOException("odd"), PORT, LOOPBACK))
                .isEqualTo("ROUTER_PORT: port 8082 on 127.0.0.1 cannot be bound: java.io.IOException: odd");
    }

    @Test
    void aFailureThatIsItsOwnCauseEndsTheSearch() {
        IOException a = new IOException("a");
        IOException b = new IOException("b", a);
        a.initCause(b);
        assertThat(PortInUse.explain(a, PORT, LOOPBACK)).contains("cannot be bound");
    }
}
