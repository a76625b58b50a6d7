package io.loggregator.nozzles.kafka;

import io.loggregator.nozzle.NozzleException;
import java.util.List;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What Kafka's errors mean here: that one record cannot be taken, that none can, or that trying again may help. */
final class Failures {
    /** The reason for which most are left out. */
    static final String TOO_LARGE = "too_large";

    private static final List<Class<? extends Exception>> OF_RECORDS = List.of(
            RecordTooLargeException.class,
            RecordBatchTooLargeException.class,
            InvalidRecordException.class,
            InvalidTimestampException.class);

    private Failures() {}

    /** Whether this record can never be taken, while others can. */
    static boolean ofRecord(Exception problem) {
        return OF_RECORDS.stream().anyMatch(kind -> kind.isInstance(problem));
    }

    /** Why a record was not taken, in a word or two, for a counter. */
    static String reason(Exception problem) {
        return problem instanceof RecordTooLargeException || problem instanceof RecordBatchTooLargeException
                ? TOO_LARGE
                : "invalid";
    }

    /** What is wrong with all records for the topic; final where somebody has to do something about it. */
    static NozzleException ofNozzle(String topic, Exception problem) {
        if (caused(problem, UnknownTopicOrPartitionException.class)) {
            return new NozzleException(
                    "there is no topic " + topic + ", and the brokers do not create it: create it, or set KAFKA_TOPIC",
                    true,
                    problem);
        }
        if (caused(problem, InvalidTopicException.class)) {
            return new NozzleException(
                    "no topic can be called " + topic + ": set KAFKA_TOPIC to another name", true, problem);
        }
        if (caused(problem, AuthorizationException.class)) {
            return new NozzleException(
                    "the brokers refuse writing to the topic " + topic + ": grant Describe and Write on it ("
                            + problem.getMessage() + ")",
                    true,
                    problem);
        }
        if (caused(problem, AuthenticationException.class)) {
            return new NozzleException(
                    "the brokers refuse these credentials: look at KAFKA_PROPERTIES_FILE (" + problem.getMessage()
                            + ")",
                    true,
                    problem);
        }
        if (caused(problem, UnsupportedVersionException.class) || caused(problem, PolicyViolationException.class)) {
            return new NozzleException(
                    "the brokers cannot take records from this nozzle: " + problem.getMessage(), true, problem);
        }
        return new NozzleException(
                "Kafka did not take records for the topic " + topic + ": " + problem.getMessage(), false, problem);
    }

    private static boolean caused(Throwable problem, Class<?> kind) {
        return kind.isInstance(problem) || (problem.getCause() != null && caused(problem.getCause(), kind));
    }
}
