package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.upstream.AddressLookup;
import io.loggregator.trafficcontroller.upstream.NamedTwice;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings about where Dopplers are. */
class UpstreamSettingsTest {
    /** What names stand for. */
    private static final Map<String, List<String>> NAMES = Map.of(
            "all.test", List.of("10.0.0.1", "10.0.0.2"),
            "second.test", List.of("10.0.0.2"),
            "third.test", List.of("10.0.0.3"));

    private static final AddressLookup.Resolver RESOLVER = host -> {
        List<String> addresses = NAMES.getOrDefault(host, host.startsWith("10.") ? List.of(host) : List.of());
        if (addresses.isEmpty()) {
            throw new UnknownHostException(host);
        }
        InetAddress[] found = new InetAddress[addresses.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = InetAddress.getByName(addresses.get(i));
        }
        return found;
    };

    @Test
    void oneKindOfDopplersIsEnough() throws InvalidSettings {
        Settings routers = load(Map.of("ROUTER_ADDRS", "127.0.0.1:8082"));
        assertThat(routers.find(TrafficControllerSettings.DOPPLER_LINK_ADDRS)).isEmpty();
        Settings links = load(Map.of("DOPPLER_LINK_ADDRS", "127.0.0.1:8083"));
        assertThat(links.find(TrafficControllerSettings.ROUTER_ADDRS)).isEmpty();
        load(Map.of("DOPPLER_LINK_ADDRS", "127.0.0.1:8083", "ROUTER_ADDRS", "127.0.0.2:8082"));
    }

    @Test
    void withoutAnyBothSettingsAreNamed() {
        assertThat(problems(Map.of())).contains("DOPPLER_LINK_ADDRS", "because ROUTER_ADDRS is not set either");
    }

    @Test
    void aDopplerInBothIsRefusedAndBothSettingsAreNamed() {
        assertThat(problems(Map.of("DOPPLER_LINK_ADDRS", "127.0.0.1:8083", "ROUTER_ADDRS", "127.0.0.1:8082")))
                .contains("ROUTER_ADDRS", "DOPPLER_LINK_ADDRS", "everything would come twice", "127.0.0.2");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1:1, 10.0.0.1:2, true",
        "all.test:1, second.test:2, true",
        "all.test:1, 10.0.0.2:2, true",
        "10.0.0.1:1, all.test:2, true",
        "Unknown.test:1, unknown.TEST:2, true",
        "all.test:1, third.test:2, false",
        "unknown.test:1, other.test:2, false",
        "10.0.0.1:1, 10.0.0.2:1, false"
    })
    void hostsAreComparedByWhatTheyStandFor(String link, String router, boolean same) {
        assertThat(NamedTwice.find(List.of(HostPort.parse(link)), List.of(HostPort.parse(router)), RESOLVER)
                        .isPresent())
                .isEqualTo(same);
    }

    private static String problems(Map<String, String> settings) {
        return catchThrowableOfType(InvalidSettings.class, () -> load(settings))
                .problems()
                .toString();
    }

    private static Settings load(Map<String, String> upstreams) throws InvalidSettings {
        Map<String, String> environment = new HashMap<>(Controller.environment(upstreams));
        return Settings.load(TrafficControllerSettings.ALL, environment, null, TrafficControllerSettings::rules);
    }
}
