package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.edge.ProxyProtocol;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings about what stands in front of the Loggregator port. */
class FrontSettingsTest {
    @TempDir
    Path directory;

    @Test
    void nothingStandsThereByDefault() throws InvalidSettings {
        Settings settings = load(Map.of());
        assertThat(settings.get(TrafficControllerSettings.PROXY_PROTOCOL)).isEqualTo(ProxyProtocol.OFF);
        assertThat(settings.find(TrafficControllerSettings.TRUSTED_PROXIES)).isEmpty();
        assertThat(settings.find(TrafficControllerSettings.SECURITY_EVENT_LOG)).isEmpty();
    }

    @Test
    void theProxyProtocolNeedsTrustedProxies() throws InvalidSettings {
        assertThat(problems(Map.of("PROXY_PROTOCOL", "require")))
                .contains("TRUSTED_PROXIES", "because PROXY_PROTOCOL is require");
        load(Map.of("PROXY_PROTOCOL", "accept", "TRUSTED_PROXIES", "10.0.0.0/8"));
    }

    @Test
    void theSecurityEventLogNeedsTheAddressButNotTheOtherWayRound() throws InvalidSettings {
        String log = directory.resolve("events.log").toString();
        assertThat(problems(Map.of("TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG", log)))
                .contains("TRAFFIC_CONTROLLER_IP", "because TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG is set");
        assertThat(problems(Map.of("TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG", log, "TRAFFIC_CONTROLLER_IP", "a b")))
                .contains("an IPv4 or IPv6 address");
        load(Map.of("TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG", log, "TRAFFIC_CONTROLLER_IP", "2001:db8::1"));
        load(Map.of("TRAFFIC_CONTROLLER_IP", "10.0.0.1"));
    }

    private static String problems(Map<String, String> more) {
        return catchThrowableOfType(InvalidSettings.class, () -> load(more))
                .problems()
                .toString();
    }

    private static Settings load(Map<String, String> more) throws InvalidSettings {
        Map<String, String> environment = new HashMap<>(Controller.environment(more));
        environment.put("DOPPLER_LINK_ADDRS", "127.0.0.1:1");
        return Settings.load(TrafficControllerSettings.ALL, environment, null, TrafficControllerSettings::rules);
    }
}
