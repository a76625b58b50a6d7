package io.loggregator.nozzles.runner;

import io.loggregator.nozzle.BatchHandler;

/** Where a nozzle brings what it reads. Its stages complete when a batch is safe there, for only then it is acknowledged. */
public interface Destination extends BatchHandler, AutoCloseable {
    /** How it goes, for the log line that is written once a minute: counts since the start, and what is wrong. */
    String status();

    /** Ends it. No batch is at hand then, unless the time for an orderly stop was over. */
    @Override
    void close();
}
