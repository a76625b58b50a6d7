package io.loggregator.benchmarks.nozzle;

import io.loggregator.benchmarks.process.CpuMeter;
import io.loggregator.benchmarks.process.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The driver's end of a {@link ReaderProgram}. Used by one thread. */
final class ReaderProcess implements AutoCloseable {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private final Process process;
    private final CpuMeter meter;
    private final BufferedReader answers;
    private final Writer orders;

    /** @param errors where what it says of errors goes */
    ReaderProcess(ReaderKind kind, URI endpoint, Path authority, Path errors) throws IOException {
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms64m",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReaderProgram.class.getName(),
                        kind.name(),
                        endpoint.toString(),
                        authority.toString()))
                .redirectError(errors.toFile())
                .start();
        meter = new CpuMeter(process.pid());
        answers = process.inputReader(StandardCharsets.US_ASCII);
        orders = process.outputWriter(StandardCharsets.US_ASCII);
    }

    /** What it costs. */
    CpuMeter meter() {
        return meter;
    }

    /** What it has done. */
    Reading read() throws IOException {
        return order("read");
    }

    /** The same when it knows of so many envelopes, or nothing has come for 3 s. */
    Reading await(long known) throws IOException {
        return order("await " + known);
    }

    /** Has it take nothing more. */
    void hold() throws IOException {
        order("hold");
    }

    /** What it has done, with the heap after a collection. */
    Reading collect() throws IOException {
        return order("collect");
    }

    /**
     * Has it go on, and waits until it has what was sent meanwhile, beyond the number that it knew before. {@link Reading#elapsedNanos} is the time that the second
     * half took: the first is partly in the reader's own buffers and the system's.
     */
    Reading release(long before, long waiting) throws IOException {
        return order("release " + before + " " + waiting);
    }

    private Reading order(String order) throws IOException {
        orders.write(order + "\n");
        orders.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the reader has ended; see what it said");
        }
        return Reading.parse(answer);
    }

    @Override
    public void close() {
        meter.close();
        JavaProcess.end(process, orders, STOP_LIMIT);
    }
}
