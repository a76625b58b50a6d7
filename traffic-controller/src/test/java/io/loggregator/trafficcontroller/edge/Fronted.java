package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.settings.Network;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A Loggregator port behind something, and what it tells about its requests. */
final class Fronted implements AutoCloseable {
    static final String ADDRESS = "192.0.2.1";
    /** The headers of a WebSocket's handshake, and the end of the request. */
    static final String HANDSHAKE = """
            Host: x\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
            \r
            """;

    final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final Edge edge;

    Fronted(ProxyProtocol proxyProtocol, String... trusted) throws TimeoutException {
        this(new HttpServerOptions(), proxyProtocol, trusted);
    }

    Fronted(HttpServerOptions http, ProxyProtocol proxyProtocol, String... trusted) throws TimeoutException {
        TrustedProxies proxies =
                new TrustedProxies(Arrays.stream(trusted).map(Network::parse).toList());
        Front front = new Front(
                proxies, proxyProtocol, (via, scheme) -> requests.add(via + " " + scheme), events::add, ADDRESS);
        edge = new Edge(10, Duration.ZERO, null, http, front);
    }

    /** The address and port of the client of the next request, as the security event has them. */
    String client() throws InterruptedException {
        String event = next(events);
        return event.replaceFirst(".* src=(\\S*) spt=(\\S*) dst=.*", "$1 $2").strip();
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(10, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came");
        }
        return next;
    }

    @Override
    public void close() throws TimeoutException {
        edge.close();
    }
}
