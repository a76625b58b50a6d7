package io.loggregator.nozzles.syslog;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * A connection to a syslog server. As the server never says anything, a thread of the connection's own waits for it to hang
 * up, and for a server that no longer takes anything; both break the connection.
 */
final class SyslogConnection implements AutoCloseable {
    private static final int CHUNK = 64 << 10;
    private static final int LOOK_MILLIS = 500;
    private static final long IDLE = Long.MAX_VALUE;

    private final Socket transport;
    private final OutputStream out;
    private final long stallNanos;
    private final long begin = System.nanoTime();
    private volatile long writingUntil = IDLE; // nanoseconds since begin
    private volatile String broken;

    /** @param socket over {@code transport}, or itself */
    SyslogConnection(Socket transport, Socket socket, Duration stallTimeout) throws IOException {
        this.transport = transport;
        this.stallNanos = stallTimeout.toNanos();
        this.out = socket.getOutputStream();
        socket.setSoTimeout(LOOK_MILLIS);
        InputStream in = socket.getInputStream();
        Thread watch = new Thread(() -> watch(in), "syslog-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private void watch(InputStream in) {
        byte[] ignored = new byte[1024];
        while (broken == null) {
            try {
                if (in.read(ignored) < 0) {
                    breakOff("the server has closed the connection");
                }
            } catch (SocketTimeoutException e) {
                if (System.nanoTime() - begin > writingUntil) {
                    breakOff("the server does not take what is written, or too slowly");
                }
            } catch (IOException e) {
                breakOff(String.valueOf(e.getMessage()));
            }
        }
    }

    /**
     * Writes all of it, as fast as the server takes it. Returns when the kernel has it. One caller at a time.
     *
     * @param deadline of {@link System#nanoTime}, at which the connection breaks
     */
    void write(byte[] bytes, int length, long deadline) throws IOException {
        try {
            for (int at = 0; at < length; at += CHUNK) {
                if (broken != null) {
                    throw new IOException(broken);
                }
                writingUntil = Math.min(System.nanoTime() - begin + stallNanos, deadline - begin);
                out.write(bytes, at, Math.min(CHUNK, length - at));
            }
            out.flush();
        } catch (IOException e) {
            throw broken == null ? e : new IOException(broken, e);
        } finally {
            writingUntil = IDLE;
        }
    }

    /** Why nothing can be written any more; null while it can. */
    String trouble() {
        return broken;
    }

    private void breakOff(String reason) {
        if (broken == null) {
            broken = reason;
        }
        close();
    }

    /** Below TLS, whose own close would wait for a write that hangs. */
    @Override
    public void close() {
        if (broken == null) {
            broken = "closed";
        }
        try {
            transport.close();
        } catch (IOException e) {
            // It is gone, and so is what it could have told.
        }
    }
}
