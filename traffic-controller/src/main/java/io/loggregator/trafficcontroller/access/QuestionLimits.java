package io.loggregator.trafficcontroller.access;

import java.time.Duration;

/**
 * What questions to one authority may cost an event loop.
 *
 * @param connections and so questions under way
 * @param waiting questions that wait for a connection
 * @param answerBytes of an answer; larger ones are no answers
 * @param patience for all of a question
 */
record QuestionLimits(int connections, int waiting, int answerBytes, Duration patience) {
    /** Those of whom nothing else is told; the patience is that of the Go release. */
    static final QuestionLimits USUAL = new QuestionLimits(32, 1_000, 64 * 1024, Duration.ofSeconds(20));
}
