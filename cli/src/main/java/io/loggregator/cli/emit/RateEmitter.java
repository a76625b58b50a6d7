package io.loggregator.cli.emit;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/**
 * Sends logs at a rate, spread evenly over apps. Each payload begins with {@code emit N }, N counting the app's logs from
 * 1, so that a reader can tell gaps. What the server holds up is made up for one second's worth, no more.
 */
public final class RateEmitter {
    private static final int MAX_BATCH_ENVELOPES = 100;
    private static final int MAX_BATCH_BYTES = 1 << 20;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<String> apps;
    private final long[] counts;
    private final double perSecond;
    private final int payloadBytes;
    private final Duration duration;
    private final Consumer<String> progress;
    private long next;

    /**
     * {@code perSecond} above 0; {@code payloadBytes} from 1, longer where the beginning needs it; {@code progress}
     * hears once a second how it goes.
     */
    public RateEmitter(
            List<String> apps, double perSecond, int payloadBytes, Duration duration, Consumer<String> progress) {
        this.apps = List.copyOf(apps);
        this.counts = new long[apps.size()];
        this.perSecond = perSecond;
        this.payloadBytes = payloadBytes;
        this.duration = duration;
        this.progress = progress;
    }

    /** The same ids for the same number on every run. */
    public static List<String> appIds(int apps) {
        return IntStream.rangeClosed(1, apps)
                .mapToObj(number -> UUID.nameUUIDFromBytes(("emit-" + number).getBytes(StandardCharsets.UTF_8))
                        .toString())
                .toList();
    }

    /** Sends for the duration, or until {@code stopping}. */
    public void run(EnvelopeSender sender, BooleanSupplier stopping) throws IngressSender.Failed, InterruptedException {
        int batchLimit = Math.max(1, Math.min(MAX_BATCH_ENVELOPES, MAX_BATCH_BYTES / payloadBytes));
        long start = System.nanoTime();
        long base = start;
        long baseSent = 0;
        long lastReport = start;
        long lastSent = 0;
        long sent = 0;
        // At least one; a conversion of what is too large for a long gives the largest long.
        long total = (long) Math.max(1, perSecond * duration.toNanos() / SECOND);
        while (sent < total && !stopping.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - start >= duration.toNanos() + SECOND) {
                // The server held it up; the time is over all the same.
                break;
            }
            if (now - lastReport >= SECOND) {
                progress.accept(String.format(
                        Locale.ROOT, "%,.0f/s, %,d sent", (sent - lastSent) * 1e9 / (now - lastReport), sent));
                lastReport = now;
                lastSent = sent;
            }
            long due = 1 + (long) (perSecond * (now - base) / SECOND) - (sent - baseSent);
            if (due > perSecond + 1) {
                base = now - SECOND;
                baseSent = sent;
                continue;
            }
            int count = (int) Math.min(batchLimit, Math.min(due, total - sent));
            if (count > 0) {
                sender.send(batch(count));
                sent += count;
            } else {
                TimeUnit.NANOSECONDS.sleep(TICK_NANOS);
            }
        }
    }

    private EnvelopeBatch batch(int count) {
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        for (int i = 0; i < count; i++) {
            int app = (int) (next++ % counts.length);
            batch.addBatch(Logs.log(apps.get(app), "0", payload(++counts[app])));
        }
        return batch.build();
    }

    private ByteString payload(long number) {
        byte[] beginning = ("emit " + number + " ").getBytes(StandardCharsets.US_ASCII);
        byte[] payload = new byte[Math.max(beginning.length, payloadBytes)];
        Arrays.fill(payload, (byte) '.');
        System.arraycopy(beginning, 0, payload, 0, beginning.length);
        return ByteString.copyFrom(payload);
    }
}
