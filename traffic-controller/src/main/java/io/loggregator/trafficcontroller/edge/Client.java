package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.accept.PerClient;
import io.loggregator.node.settings.Network;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who sent a request, as far as that is known: the other end of the connection, or whoever a trusted proxy says it
 * forwards for. {@code X-Forwarded-For} is read from its end, where each proxy adds whom it saw: the client is the last
 * one that is no trusted proxy itself. What stands before that is hearsay, and never looked at.
 *
 * @param host an address without brackets
 * @param port 0 if it is not known
 * @param scheme {@code http} or {@code https}
 * @param via how the address is known: {@code direct}, {@code proxy_protocol} or {@code forwarded}
 */
public record Client(String host, int port, String scheme, String via) {
    private static final String HTTP = "http";
    private static final String HTTPS = "https";
    private static final String DIRECT = "direct";
    /** An address, perhaps with a port; with a port, an IPv6 address is in brackets. */
    private static final Pattern ENTRY =
            Pattern.compile("\\[([0-9A-Fa-f:.]+)](?::([0-9]{1,5}))?|([0-9.]+)(?::([0-9]{1,5}))?|([0-9A-Fa-f:.]+)");

    /** Who sent the request. */
    public static Client of(HttpServerRequest request, TrustedProxies proxies) {
        SocketAddress remote = request.remoteAddress();
        String host = Objects.requireNonNullElse(remote.hostAddress(), remote.host());
        String scheme = request.isSSL() ? HTTPS : HTTP;
        boolean named = Channels.isProxied(request.connection());
        String via = named ? "proxy_protocol" : DIRECT;
        Optional<InetAddress> peer = Network.address(host);
        Client client =
                new Client(peer.map(NetUtil::toAddressString).orElse(host), Math.max(0, remote.port()), scheme, via);
        // Who the PROXY protocol names is the client, and a client is believed nothing, wherever it is.
        if (named || proxies.networks().isEmpty() || peer.isEmpty() || !proxies.trusts(peer.get())) {
            return client;
        }
        return client.forwarded(
                request.headers().getAll("X-Forwarded-For"), request.headers().getAll("X-Forwarded-Proto"), proxies);
    }

    /** Whom this one, which is trusted, says that it forwards for; itself if it says nothing that can be read. */
    private Client forwarded(List<String> forwardedFor, List<String> forwardedProto, TrustedProxies proxies) {
        String[] entries = String.join(",", forwardedFor).split(",");
        Client nearest = this;
        for (int i = entries.length - 1; i >= 0; i--) {
            Matcher entry = ENTRY.matcher(entries[i].strip());
            Optional<InetAddress> address = entry.matches() ? Network.address(host(entry)) : Optional.empty();
            if (address.isEmpty()) {
                break;
            }
            nearest = new Client(NetUtil.toAddressString(address.get()), port(entry), scheme, "forwarded");
            if (!proxies.trusts(address.get())) {
                break;
            }
        }
        String proto = String.join(",", forwardedProto);
        return switch (proto.substring(proto.lastIndexOf(',') + 1).strip()) {
            case HTTP -> nearest.with(HTTP);
            case HTTPS -> nearest.with(HTTPS);
            default -> nearest;
        };
    }

    private static String host(Matcher entry) {
        return entry.group(1) != null ? entry.group(1) : entry.group(3) != null ? entry.group(3) : entry.group(5);
    }

    private static int port(Matcher entry) {
        String port = entry.group(2) != null ? entry.group(2) : entry.group(4);
        int number = port == null ? 0 : Integer.parseInt(port);
        return number > 65_535 ? 0 : number;
    }

    /**
     * Counts a stream of it in, to be counted out when it ends. Of a proxy that tells of no client none is counted; a client
     * that one told of is a client, wherever it is.
     */
    public Optional<Runnable> countIn(PerClient streams, TrustedProxies proxies) {
        if (via.equals(DIRECT) && Network.address(host).filter(proxies::trusts).isPresent()) {
            return Optional.of(() -> {});
        }
        return streams.enter(host) ? Optional.of(() -> streams.leave(host)) : Optional.empty();
    }

    private Client with(String other) {
        return new Client(host, port, other, via);
    }

    /** For a connection that is this client's alone from now on. */
    SocketAddress address() {
        return SocketAddress.inetSocketAddress(port, host);
    }

    /** The address, with the port if it is known. */
    @Override
    public String toString() {
        if (port == 0) {
            return host;
        }
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
