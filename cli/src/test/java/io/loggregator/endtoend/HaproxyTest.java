package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Behind HAProxy. */
class HaproxyTest extends BehindALoadBalancer {
    @Override
    LoadBalancer start() throws IOException {
        return LoadBalancer.haproxy(servers, directory, List.of(ROUTE_SERVICE_HOST), Map.of());
    }

    @Test
    void anUnhealthyTrafficControllerLeavesAndComesBack() throws Exception {
        servers.setHealthy(0, false);
        try {
            awaitState("DOWN", 1);
            String app = unique("app");
            for (int i = 0; i < 4; i++) {
                assertThat(get(balancer.httpPort, "/apps/" + app + "/recentlogs", Map.of()))
                        .isEqualTo(200);
                assertThat(get(balancer.tcpPort, "/apps/" + app + "/recentlogs", Map.of()))
                        .isEqualTo(200);
            }
            assertThat(servers.events(0, app)).isEmpty();
        } finally {
            servers.setHealthy(0, true);
        }
        awaitState("UP", 1);
    }

    /** HAProxy tells of each server whose state changes, for both ports. */
    private void awaitState(String state, long times) {
        for (String backend : List.of("traffic_controllers", "traffic_controllers_tcp")) {
            await().atMost(BalancedServers.LIMIT)
                    .until(() ->
                            balancer.count(line -> line.contains("Server " + backend + "/tc1 is " + state)) >= times);
        }
    }

    @Test
    void oneValueForBothPortsIsOneListener() throws Exception {
        String port = Integer.toString(LoadBalancer.freePort());
        Map<String, String> same = Map.of("EDGE_PORT", port, "LOGGREGATOR_PORT", port);
        try (LoadBalancer one = LoadBalancer.haproxy(servers, directory, List.of(), same)) {
            String app = unique("app");
            try (Stream stream = open(one.tcpPort, "/apps/" + app + "/stream")) {
                stream.awaitLine(app);
            }
            // It is the one that ends TLS.
            assertThat(servers.event(app)).contains(" src=127.0.0.77 spt= ");
        }
    }

    @Test
    void aTrafficControllerWithAnotherNameIsNotTrusted() throws Exception {
        Map<String, String> other = Map.of("TRAFFIC_CONTROLLER_NAME", "somebody-else");
        try (LoadBalancer wrong = LoadBalancer.haproxy(servers, directory, List.of(), other)) {
            String app = unique("app");
            assertThat(get(wrong.httpPort, "/apps/" + app + "/recentlogs", Map.of()))
                    .isEqualTo(503);
        }
    }

    @Test
    void queriesAreNotLogged() throws Exception {
        String name = unique("secret");
        get(balancer.httpPort, "/set-cookie?CookieName=authorization&CookieValue=" + name, Map.of());
        String path = "/" + unique("path");
        get(balancer.httpPort, path, Map.of());
        await().atMost(BalancedServers.LIMIT).until(() -> balancer.said().contains(path));
        assertThat(balancer.said()).contains("GET /set-cookie HTTP").doesNotContain(name);
        assertThat(servers.event("/set-cookie")).doesNotContain(name);
    }
}
