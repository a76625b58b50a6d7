package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.settings.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

/**
 * The load balancers that are believed what they say about their clients.
 *
 * @param networks where they are; empty: nobody is believed anything
 */
public record TrustedProxies(List<Network> networks) {
    /** Believes nobody. */
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    public TrustedProxies {
        networks = List.copyOf(networks);
    }

    boolean trusts(InetAddress address) {
        for (Network network : networks) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the other end of a connection is one of them. */
    boolean trusts(SocketAddress peer) {
        return peer instanceof InetSocketAddress inet && inet.getAddress() != null && trusts(inet.getAddress());
    }
}
