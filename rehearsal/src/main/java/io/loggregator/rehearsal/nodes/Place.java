package io.loggregator.rehearsal.nodes;

import io.loggregator.benchmarks.run.Credentials;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Where servers are, by names that have their roles and numbers. */
@FunctionalInterface
public interface Place {
    /** All of them on this host, as agents and clients are. */
    Place HERE = server -> new Site(Credentials.HOST, Credentials.HOST, List.of());

    /** Where a server is. */
    Site of(String server);

    /** A Doppler's name. */
    static String doppler(int number) {
        return "doppler-" + number;
    }

    /** A Traffic Controller's name. */
    static String trafficController(int number) {
        return "traffic-controller-" + number;
    }

    /** All servers' names. */
    static List<String> servers() {
        return IntStream.range(0, Nodes.EACH)
                .boxed()
                .flatMap(i -> Stream.of(doppler(i), trafficController(i)))
                .toList();
    }

    /**
     * Where one server is.
     *
     * @param address where agents, clients and other servers find it
     * @param watched where its diagnostics are
     * @param entrance what its command line begins with, to be run there
     */
    record Site(String address, String watched, List<String> entrance) {}
}
