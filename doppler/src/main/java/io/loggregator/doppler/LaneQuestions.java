package io.loggregator.doppler;

import io.loggregator.doppler.lane.DopplerLane;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Asks lanes about their state, each on its own event loop, which owns it. */
final class LaneQuestions {
    private LaneQuestions() {}

    /** The answers in the order of the lanes; fails if one of them cannot answer. */
    static <T> Future<List<T>> ask(List<DopplerLane> lanes, Function<DopplerLane, T> question) {
        List<Future<T>> answers = new ArrayList<>();
        for (DopplerLane lane : lanes) {
            Promise<T> answer = Promise.promise();
            lane.execute(() -> {
                try {
                    answer.complete(question.apply(lane));
                } catch (RuntimeException failed) {
                    answer.fail(failed);
                }
            });
            answers.add(answer.future());
        }
        return Future.all(answers)
                .map(all -> answers.stream().map(Future::result).toList());
    }
}
