package io.loggregator.benchmarks.nozzle;

import io.loggregator.benchmarks.reader.FrameCounter;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The yardstick: a thread that counts frames. It does not know a notice of loss from an envelope. */
final class FrameReader implements Reader {
    private final FrameCounter frames;
    private final Gate gate = new Gate();
    private volatile boolean ended;

    FrameReader(FrameCounter frames) {
        this.frames = frames;
        Thread thread = new Thread(this::run, "frames");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                gate.pass();
                frames.read();
            }
        } catch (IOException e) {
            System.err.println("frames: " + e.getMessage());
            ended = true;
        }
    }

    @Override
    public long received() {
        return frames.count();
    }

    @Override
    public long told() {
        return 0;
    }

    @Override
    public long troubles() {
        return ended ? 1 : 0;
    }

    @Override
    public long digest() {
        return frames.count();
    }

    @Override
    public void hold() {
        gate.shut();
    }

    @Override
    public void release() {
        gate.open();
    }

    @Override
    public void close() {
        try {
            frames.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
