package io.loggregator.rehearsal;

import io.loggregator.rehearsal.Rehearsal.Need;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What this machine has of what rehearsals need. */
final class Means {
    /** Of {@code --network}: there is one. */
    static final String OWN = "own";

    /** What is missing, and how to have it. */
    private final Map<Need, String> lacks = new EnumMap<>(Need.class);

    /**
     * @param network {@link #OWN}, or why there is none
     * @param hosts why there can be none in it, if so
     * @param libfaketime where it is installed
     */
    Means(String network, Optional<String> hosts, Optional<Path> libfaketime) {
        if (!network.equals(OWN)) {
            String how = " a network of their own (" + network + "). Install nft and ip (on Debian or Ubuntu: apt-get"
                    + " install nftables iproute2), and allow user namespaces or be root";
            lacks.put(Need.OWN_NETWORK, "packets need" + how);
            lacks.put(Need.HOSTS, "hosts need" + how);
        }
        hosts.ifPresent(why -> lacks.put(
                Need.HOSTS,
                "hosts need network namespaces that bridge and veth join (" + why
                        + "), with unshare, nsenter and setpriv of util-linux"));
        if (libfaketime.isEmpty()) {
            lacks.put(
                    Need.CLOCKS,
                    "clocks need libfaketime, which is not installed. On Debian or Ubuntu: apt-get install faketime");
        }
    }

    /** Those of the rehearsals that can be held here. */
    List<Rehearsal> possible(List<Rehearsal> rehearsals) {
        return rehearsals.stream()
                .filter(each -> !lacks.containsKey(each.need()))
                .toList();
    }

    /** For people: the faults that cannot be rehearsed here, and why. */
    List<String> missing(List<Rehearsal> rehearsals) {
        List<String> missing = new ArrayList<>();
        lacks.forEach((need, lack) -> {
            Set<String> faults = new LinkedHashSet<>();
            rehearsals.stream().filter(each -> each.need() == need).forEach(each -> faults.add(each.fault()));
            if (!faults.isEmpty()) {
                missing.add("left out: " + String.join(", ", faults) + ": " + lack);
            }
        });
        return missing;
    }
}
