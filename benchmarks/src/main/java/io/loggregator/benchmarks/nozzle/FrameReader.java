package io.loggregator.benchmarks.nozzle;

import io.loggregator.benchmarks.reader.FrameCounter;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The yardstick: a thread that counts frames. It does not know a notice of loss from an envelope. */
final class FrameReader extends Reader {
    private final FrameCounter frames;
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
    long received() {
        return frames.count();
    }

    @Override
    long told() {
        return 0;
    }

    @Override
    long troubles() {
        return ended ? 1 : 0;
    }

    @Override
    long digest() {
        return frames.count();
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
