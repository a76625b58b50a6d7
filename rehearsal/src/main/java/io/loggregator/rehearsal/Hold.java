package io.loggregator.rehearsal;

import java.io.IOException;

/** What is done while something lasts. */
@FunctionalInterface
interface Hold {
    void last() throws IOException, InterruptedException;
}
