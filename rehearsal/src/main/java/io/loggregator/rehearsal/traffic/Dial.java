package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Client;
import io.loggregator.benchmarks.reader.Endpoint;

/** Makes the client of each connection of a reader. */
@FunctionalInterface
interface Dial {
    /** @param checker told all that comes */
    Client to(Endpoint endpoint, Checker checker);
}
