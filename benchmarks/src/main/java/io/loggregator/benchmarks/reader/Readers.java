package io.loggregator.benchmarks.reader;

import java.util.ArrayList;
import java.util.List;

/**
 * Who reads a load.
 *
 * @param firehoses v1 clients, each with a subscription of its own, so that each gets everything
 * @param tails v1 app streams, of one source each
 * @param grpc gRPC v2 readers that want tags as they are, each of a shard of its own
 * @param grpcDeprecated the same that want tags in the older form
 * @param sse readers of {@code /v2/read}, each of a shard of its own
 */
public record Readers(int firehoses, int tails, int grpc, int grpcDeprecated, int sse) {
    /** Nobody. */
    public static final Readers NONE = new Readers(0, 0, 0, 0, 0);

    public static Readers firehoses(int count) {
        return new Readers(count, 0, 0, 0, 0);
    }

    public static Readers tails(int count) {
        return new Readers(0, count, 0, 0, 0);
    }

    public static Readers oneGrpc(boolean preferredTags) {
        return preferredTags ? new Readers(0, 0, 1, 0, 0) : new Readers(0, 0, 0, 1, 0);
    }

    public static Readers oneSse() {
        return new Readers(0, 0, 0, 0, 1);
    }

    /** In words. */
    public String text() {
        List<String> words = new ArrayList<>();
        add(words, firehoses, "firehose");
        add(words, tails, "app tail");
        add(words, grpc, "gRPC v2 reader");
        add(words, grpcDeprecated, "gRPC v2 reader with deprecated tags");
        add(words, sse, "SSE reader");
        return words.isEmpty() ? "nobody" : String.join(", ", words);
    }

    private static void add(List<String> words, int count, String what) {
        if (count > 0) {
            words.add(count + " " + what + (count > 1 ? "s" : ""));
        }
    }
}
