package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.reader.Readers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * How cost grows with one thing while all else stays as it is.
 *
 * @param name of the question, as it is chosen on the command line
 * @param of what grows, in words
 * @param points in rising order
 */
public record Growth(String name, String of, List<Point> points) {
    /** What is allowed for: costs of the same work differ by as much. */
    private static final double TOLERANCE = 1.15;

    /**
     * A measurement.
     *
     * @param amount how much there is of what grows
     */
    public record Point(int amount, Result result) {
        /** CPU seconds of Doppler and Traffic Controller for a million envelopes sent, without compilers. */
        public double perSent() {
            return result.perMillion(result.doppler().cpu().work()
                    + result.trafficController().cpu().work());
        }

        /** The same for a million that clients received. */
        public double perDelivered() {
            long received = result.outcome().received();
            return received == 0 ? 0 : perSent() * result.sent().envelopes() / received;
        }
    }

    /** What is asked: a load for each amount. */
    record Question(String name, String of, List<Integer> amounts, IntFunction<Scenario> load) {}

    /** In the order in which they are asked. */
    static final List<Question> QUESTIONS = List.of(
            new Question(
                    "firehoses",
                    "firehoses, 10,000/s",
                    List.of(1, 4, 16),
                    count -> load(Scenario.SOURCES, PreparedBatch.PAYLOAD_BYTES, Readers.firehoses(count))),
            new Question(
                    "sources",
                    "sources, 10,000/s, one firehose",
                    List.of(100, 10_000, 100_000),
                    count -> load(count, PreparedBatch.PAYLOAD_BYTES, Readers.firehoses(1))),
            new Question(
                    "payloads",
                    "bytes of payload, 10,000/s, one firehose",
                    List.of(50, 500, 5_000),
                    bytes -> load(Scenario.SOURCES, bytes, Readers.firehoses(1))),
            new Question(
                    "tails",
                    "app tails, 10,000/s in all",
                    List.of(10, 100, 1_000, 10_000),
                    count -> load(count, PreparedBatch.PAYLOAD_BYTES, Readers.tails(count))));

    private static Scenario load(int sources, int payloadBytes, Readers readers) {
        return new Scenario("growth", 10_000, sources, payloadBytes, readers);
    }

    /** The names of all questions. */
    public static List<String> names() {
        return QUESTIONS.stream().map(Question::name).toList();
    }

    /**
     * Where the curve bends upward: a cost that is by more than 15 % above both the one before it and the straight line
     * through the two before it, for an envelope sent or for one delivered. Empty if it does nowhere.
     */
    public List<Integer> bendsUpwardAt() {
        double[] amounts = points.stream().mapToDouble(Point::amount).toArray();
        List<Integer> sent =
                bends(amounts, points.stream().mapToDouble(Point::perSent).toArray());
        List<Integer> delivered =
                bends(amounts, points.stream().mapToDouble(Point::perDelivered).toArray());
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            if (sent.contains(i) || delivered.contains(i)) {
                all.add(points.get(i).amount());
            }
        }
        return all;
    }

    /** The places of points that are too high. */
    static List<Integer> bends(double[] amounts, double[] costs) {
        List<Integer> places = new ArrayList<>();
        for (int i = 2; i < amounts.length; i++) {
            double slope = (costs[i - 1] - costs[i - 2]) / (amounts[i - 1] - amounts[i - 2]);
            double straight = costs[i - 1] + slope * (amounts[i] - amounts[i - 1]);
            if (costs[i] > TOLERANCE * Math.max(costs[i - 1], straight)) {
                places.add(i);
            }
        }
        return places;
    }
}
