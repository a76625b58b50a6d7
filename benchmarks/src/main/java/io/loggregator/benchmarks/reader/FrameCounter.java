package io.loggregator.benchmarks.reader;

import io.loggregator.stream.Tally;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * The least that a firehose client can do: takes WebSocket frames over TLS, counts them, and answers Pings. Used by one
 * thread; the count is read by any.
 */
public final class FrameCounter implements FrameScanner.Sink, AutoCloseable {
    private static final int PONG = 0x8A;
    private static final int MASKED = 0x80;
    private static final int LARGEST_HEAD = 8192;

    private final SSLSocket socket;
    private final InputStream input;
    private final OutputStream output;
    private final FrameScanner frames = new FrameScanner(this);
    private final byte[] chunk = new byte[1 << 16];
    private final Tally count = new Tally();
    private IOException failure;

    /** Connects, and has the stream opened. */
    public FrameCounter(URI endpoint, SSLContext tls, String subscription) throws IOException {
        socket = (SSLSocket) tls.getSocketFactory().createSocket(endpoint.getHost(), endpoint.getPort());
        socket.setTcpNoDelay(true);
        input = socket.getInputStream();
        output = socket.getOutputStream();
        String request = "GET /firehose/" + subscription + " HTTP/1.1\r\nHost: " + endpoint.getAuthority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                + "\r\nSec-WebSocket-Key: bG9hZCBnZW5lcmF0b3IxMg==\r\n\r\n";
        output.write(request.getBytes(StandardCharsets.US_ASCII));
        output.flush();
        String head = head();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new IOException(
                    "the server answers: " + head.lines().findFirst().orElse(""));
        }
    }

    /** Byte by byte, so that nothing of the first frame is taken. */
    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
            int next = input.read();
            if (next < 0 || head.length() > LARGEST_HEAD) {
                throw new EOFException("no answer to the handshake");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /**
     * Takes what has come, and waits for something if nothing has.
     *
     * @throws IOException the stream has ended
     */
    public void read() throws IOException {
        int length = input.read(chunk);
        if (length < 0) {
            throw new EOFException("the server has ended the stream");
        }
        frames.read(Unpooled.wrappedBuffer(chunk, 0, length));
        if (failure != null) {
            throw failure;
        }
    }

    /** Binary frames so far: in the first protocol each is an envelope. */
    public long count() {
        return count.get();
    }

    @Override
    public void binary(byte[] bytes, int from, int to) {
        count.add(1);
    }

    @Override
    public void ping(byte[] bytes, int from, int to) {
        int length = to - from;
        // A mask of zeros leaves the payload as it is.
        byte[] pong = new byte[6 + length];
        pong[0] = (byte) PONG;
        pong[1] = (byte) (MASKED | length);
        System.arraycopy(bytes, from, pong, 6, length);
        try {
            output.write(pong);
            output.flush();
        } catch (IOException e) {
            failure = e;
        }
    }

    @Override
    public void close(byte[] bytes, int from, int to) {
        failure = new IOException("the server has closed the stream");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
