package io.loggregator.endtoend;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Makes clients come from another address of the loopback network: they connect to a port of this, whose connections go
 * on from there, bytes for bytes. Vert.x's HTTP clients cannot choose their own address.
 */
final class ElsewhereOnLoopback {
    private final Vertx vertx;
    private final NetClient onward;
    private final Map<SocketAddress, Integer> ports = new HashMap<>();

    ElsewhereOnLoopback(Vertx vertx, String address) {
        this.vertx = vertx;
        onward = vertx.createNetClient(new NetClientOptions().setLocalAddress(address));
    }

    /** The port of 127.0.0.1 that leads there. */
    int to(String host, int port) throws TimeoutException {
        SocketAddress there = SocketAddress.inetSocketAddress(port, host);
        Integer known = ports.get(there);
        if (known == null) {
            NetServer server = vertx.createNetServer().connectHandler(client -> relay(client, there));
            known = BalancedServers.within(server.listen(0, "127.0.0.1")).actualPort();
            ports.put(there, known);
        }
        return known;
    }

    private void relay(NetSocket client, SocketAddress there) {
        client.pause();
        onward.connect(there)
                .onSuccess(server -> {
                    client.pipeTo(server);
                    server.pipeTo(client);
                })
                .onFailure(refused -> client.close());
    }
}
