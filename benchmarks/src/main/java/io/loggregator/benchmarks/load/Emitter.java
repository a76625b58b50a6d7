package io.loggregator.benchmarks.load;

import io.loggregator.benchmarks.process.CpuMeter;
import io.loggregator.benchmarks.process.JavaProcess;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The driver's end of a generator that is a process of its own. Used by one thread. */
public final class Emitter implements AutoCloseable {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Process process;
    private final CpuMeter meter;
    private final DataOutputStream orders;
    private final DataInputStream answers;

    /**
     * Starts it.
     *
     * @param serverName what the servers that it sends to must show
     * @param errors where what it says of errors goes
     */
    public Emitter(Keys keys, String serverName, Path errors) throws IOException {
        List<String> arguments = new ArrayList<>(keys.arguments());
        arguments.add(serverName);
        process = new ProcessBuilder(JavaProcess.command(EmitterMain.class.getName(), arguments))
                .redirectError(errors.toFile())
                .start();
        meter = new CpuMeter(process.pid());
        orders = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        answers = new DataInputStream(new BufferedInputStream(process.getInputStream()));
    }

    /** What it costs. */
    public CpuMeter meter() {
        return meter;
    }

    /**
     * Leaves the streams it had, opens new ones, waits until they are open, and makes the batches it will send.
     *
     * @param port of the server on this machine
     * @param batchSizes of all that is to be sent
     */
    public void open(int port, Shape shape, int... batchSizes) throws IOException {
        orders.writeByte(EmitterMain.OPEN);
        orders.writeInt(port);
        orders.writeInt(shape.sources());
        orders.writeInt(shape.payloadBytes());
        orders.writeInt(shape.connections());
        orders.writeInt(batchSizes.length);
        for (int size : batchSizes) {
            orders.writeInt(size);
        }
        answer();
    }

    /**
     * Sends for a while, and returns when that is over. When it cannot keep up with the rate it sends what it can, and the
     * result tells. Times are of the clock that {@link System#nanoTime()} reads in every process of a Linux machine.
     *
     * @param rate envelopes a second; 0: as fast as the server takes them
     * @throws IOException a stream has ended, or the process
     */
    public Sent send(int phase, long rate, int batchSize, Duration duration) throws IOException {
        orders.writeByte(EmitterMain.SEND);
        orders.writeInt(phase);
        orders.writeLong(rate);
        orders.writeInt(batchSize);
        orders.writeLong(duration.toNanos());
        answer();
        return Sent.read(answers);
    }

    private void answer() throws IOException {
        orders.flush();
        if (!answers.readBoolean()) {
            throw new IOException(answers.readUTF());
        }
    }

    @Override
    public void close() {
        meter.close();
        JavaProcess.end(process, orders, STOP_LIMIT);
    }
}
