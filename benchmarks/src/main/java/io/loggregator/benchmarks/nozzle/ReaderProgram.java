package io.loggregator.benchmarks.nozzle;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One reader as a process. It is told what to do by lines on its standard input, and answers each with a {@link Reading}:
 * {@code read}; {@code await N}, until so many are known or nothing has come for a while; {@code hold}; {@code collect}, for
 * the heap after a collection; {@code release M N}, to measure how long it takes
 * until it knows of M + N, counted from when it knew of M and half of N.
 */
final class ReaderProgram {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Reader reader;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long elapsedNanos;

    private ReaderProgram(Reader reader) {
        this.reader = reader;
    }

    /** Arguments: the kind of reader, the endpoint, the authority's file. */
    public static void main(String[] arguments) throws IOException {
        ReaderKind kind = ReaderKind.valueOf(arguments[0]);
        try (Reader reader = kind.open(URI.create(arguments[1]), Path.of(arguments[2]));
                BufferedReader orders =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            ReaderProgram program = new ReaderProgram(reader);
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println(program.obey(order).line());
            }
            System.err.println("digest: " + reader.digest());
        }
    }

    private Reading obey(String order) {
        String[] words = order.split(" ");
        switch (words[0]) {
            case "read" -> {}
            case "await" -> await(Long.parseLong(words[1]));
            case "hold" -> reader.hold();
            case "collect" -> System.gc();
            case "release" -> release(Long.parseLong(words[1]), Long.parseLong(words[2]));
            default -> throw new IllegalArgumentException("no such order: " + order);
        }
        Runtime runtime = Runtime.getRuntime();
        return new Reading(
                reader.received(),
                reader.told(),
                reader.troubles(),
                allocated(),
                runtime.totalMemory() - runtime.freeMemory(),
                elapsedNanos);
    }

    private long known() {
        return reader.received() + reader.told();
    }

    private void await(long known) {
        long last = -1;
        long since = System.nanoTime();
        while (known() < known && System.nanoTime() - since < IDLE_NANOS) {
            long now = known();
            if (now != last) {
                last = now;
                since = System.nanoTime();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private void release(long before, long waiting) {
        reader.release();
        await(before + waiting / 2);
        long half = System.nanoTime();
        await(before + waiting);
        elapsedNanos = System.nanoTime() - half;
    }

    private long allocated() {
        long own = Thread.currentThread().getId();
        long sum = 0;
        for (long id : threads.getAllThreadIds()) {
            // -1 for a thread that has ended since.
            sum += id == own ? 0 : Math.max(0, threads.getThreadAllocatedBytes(id));
        }
        return sum;
    }
}
