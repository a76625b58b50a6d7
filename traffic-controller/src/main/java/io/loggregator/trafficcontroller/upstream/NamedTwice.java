package io.loggregator.trafficcontroller.upstream;

import io.loggregator.node.settings.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds a Doppler that is named for both kinds of connection, so that everything would come twice. */
public final class NamedTwice {
    private NamedTwice() {}

    /**
     * The first two that lead to one host, in words; ports say nothing, because those of the two kinds always differ. A
     * name that cannot be looked up is only compared as it stands. Blocks.
     */
    public static Optional<String> find(List<HostPort> links, List<HostPort> routers, AddressLookup.Resolver resolver) {
        for (HostPort link : links) {
            Set<InetAddress> linked = addresses(link, resolver);
            for (HostPort router : routers) {
                if (link.host().equalsIgnoreCase(router.host())) {
                    return Optional.of(link + " and " + router + " are");
                }
                Set<InetAddress> same = addresses(router, resolver);
                same.retainAll(linked);
                if (!same.isEmpty()) {
                    return Optional.of(link + " and " + router + " lead to "
                            + same.iterator().next().getHostAddress() + ", which is");
                }
            }
        }
        return Optional.empty();
    }

    private static Set<InetAddress> addresses(HostPort name, AddressLookup.Resolver resolver) {
        try {
            return new HashSet<>(Arrays.asList(resolver.find(name.host())));
        } catch (IOException e) {
            return new HashSet<>();
        }
    }
}
