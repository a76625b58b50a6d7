package io.loggregator.benchmarks.run;

import io.loggregator.node.tls.InvalidTlsMaterial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Asks how cost grows, on one pair of servers. */
public final class GrowthSuite {
    private GrowthSuite() {}

    /**
     * @param directory empty; keys are written there, and what the servers say
     * @param chosen names out of {@link Growth#names()}
     * @param progress told what begins
     */
    public static List<Growth> run(
            Path launcher, Path directory, Plan plan, Set<String> chosen, Consumer<String> progress)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        List<Growth> all = new ArrayList<>();
        try (Sessions sessions = new Sessions(launcher, directory, plan);
                Session session = sessions.start("growth", Cluster.NO_OWN_METRICS)) {
            progress.accept("warm-up");
            session.warmUp();
            for (Growth.Question question : Growth.QUESTIONS) {
                if (!chosen.contains(question.name())) {
                    continue;
                }
                List<Growth.Point> points = new ArrayList<>();
                for (int amount : question.amounts()) {
                    progress.accept(question.name() + " " + amount);
                    points.add(
                            new Growth.Point(amount, session.run(question.load().apply(amount))));
                }
                all.add(new Growth(question.name(), question.of(), points));
            }
        }
        return all;
    }
}
