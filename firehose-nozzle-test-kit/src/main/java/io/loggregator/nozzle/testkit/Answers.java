package io.loggregator.nozzle.testkit;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;

/** How requests to one path are answered: first what is next, one each, then what is always, which at first is as usual. */
public final class Answers {
    private final Deque<Answer> next = new ArrayDeque<>();
    private Answer always = Answer.usual();

    Answers() {}

    /** These, one each, after those that are next already. */
    public synchronized Answers next(Answer... answers) {
        Collections.addAll(next, answers);
        return this;
    }

    /** The same for so many requests. */
    public Answers next(int times, Answer answer) {
        return next(Collections.nCopies(times, answer).toArray(Answer[]::new));
    }

    /** Whatever is not answered by what is next. */
    public synchronized Answers always(Answer answer) {
        always = answer;
        return this;
    }

    synchronized Answer take() {
        Answer first = next.poll();
        return first == null ? always : first;
    }
}
