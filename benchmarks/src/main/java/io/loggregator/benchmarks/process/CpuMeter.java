package io.loggregator.benchmarks.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Reads what a process costs. HotSpot ends idle compiler threads, and with a thread its account goes; so it looks now
 * and then, and remembers. What such a thread used between the last look and its end counts as the process's work.
 */
public final class CpuMeter implements AutoCloseable {
    private static final double TICKS_PER_SECOND = 100;
    private static final long LOOK_MILLIS = 250;

    private final Path process;
    private final Map<String, ThreadCpu> threads = new HashMap<>();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(action -> {
        Thread thread = new Thread(action, "cpu-meter");
        thread.setDaemon(true);
        return thread;
    });

    /** Starts looking at a process that runs. */
    public CpuMeter(long pid) {
        this(Path.of("/proc", Long.toString(pid)));
        looks.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    CpuMeter(Path process) {
        this.process = process;
    }

    private void look() {
        try {
            read();
        } catch (IOException | UncheckedIOException gone) {
            looks.shutdown();
        }
    }

    /** @throws IOException the process is gone */
    public synchronized Cpu read() throws IOException {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
            for (Path task : tasks) {
                Optional<ThreadCpu> cpu = thread(task);
                if (cpu.isPresent() && (cpu.get().compiler() || cpu.get().collector())) {
                    threads.put(task.getFileName().toString(), cpu.get());
                }
            }
        }
        ThreadCpu all = ThreadCpu.parse(Files.readString(process.resolve("stat")));
        long compiler = 0;
        long collector = 0;
        for (ThreadCpu thread : threads.values()) {
            compiler += thread.compiler() ? thread.ticks() : 0;
            collector += thread.collector() ? thread.ticks() : 0;
        }
        return new Cpu(all.ticks() / TICKS_PER_SECOND, compiler / TICKS_PER_SECOND, collector / TICKS_PER_SECOND);
    }

    private static Optional<ThreadCpu> thread(Path task) {
        try {
            return Optional.of(ThreadCpu.parse(Files.readString(task.resolve("stat"))));
        } catch (IOException ended) {
            // Between listing and reading; what is remembered of it stays.
            return Optional.empty();
        }
    }

    /** Has the largest resident set begin anew (proc(5), {@code clear_refs}). */
    public void forgetPeakMemory() throws IOException {
        Files.writeString(process.resolve("clear_refs"), "5");
    }

    /** The largest resident set the process has had, since its start or since that was forgotten, in MiB. */
    public double peakMemory() throws IOException {
        return mebibytes("VmHWM:");
    }

    /** Its resident set now, in MiB. */
    public double memory() throws IOException {
        return mebibytes("VmRSS:");
    }

    private double mebibytes(String field) throws IOException {
        for (String line : Files.readAllLines(process.resolve("status"))) {
            if (line.startsWith(field)) {
                String[] parts = line.substring(field.length()).trim().split(" ");
                return Long.parseLong(parts[0]) / 1024.0;
            }
        }
        throw new IOException(process + " tells nothing of " + field);
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
