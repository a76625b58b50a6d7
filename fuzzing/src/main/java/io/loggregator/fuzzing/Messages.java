package io.loggregator.fuzzing;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.concurrent.Callable;

/** Reads messages that have one way to be refused. */
final class Messages {
    private Messages() {}

    /** What was read; null if it was refused. Anything else that is thrown is a finding. */
    static <T> T unlessRefused(Callable<T> reading) throws Exception {
        try {
            return reading.call();
        } catch (InvalidProtocolBufferException refused) {
            return null;
        }
    }
}
