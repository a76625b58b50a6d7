package io.loggregator.endtoend;

import java.io.IOException;
import java.util.List;

/** Behind nginx. */
class NginxTest extends BehindALoadBalancer {
    @Override
    LoadBalancer start() throws IOException {
        return LoadBalancer.nginx(servers, directory, List.of(ROUTE_SERVICE_HOST));
    }
}
