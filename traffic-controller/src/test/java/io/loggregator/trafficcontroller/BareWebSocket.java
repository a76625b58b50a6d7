package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;

/** A client that does nothing by itself: no reading, no Pong. For whatever a library would not let one do. */
final class BareWebSocket implements AutoCloseable {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;

    /** A frame from the server, which must be whole and not masked. */
    record Frame(int opcode, byte[] payload) {
        Envelope envelope() throws IOException {
            return Envelope.parseFrom(payload);
        }

        int closeCode() {
            return Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
        }

        String closeReason() {
            return new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        }
    }

    private BareWebSocket(int port, String path, String headers, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new DataInputStream(socket.getInputStream());
        request(path, headers);
        String status = line();
        assertThat(status).startsWith("HTTP/1.1 101 ");
        while (!line().isEmpty()) {
            // Headers are the edge's business.
        }
    }

    static BareWebSocket connect(int port, String path) throws IOException {
        return new BareWebSocket(port, path, "", 0);
    }

    /** With little room in the kernel, so that what is not read soon waits at the server. */
    static BareWebSocket connectNarrow(int port, String path) throws IOException {
        return connectNarrow(port, path, "");
    }

    /** The same, with lines of further headers, each with its end of line. */
    static BareWebSocket connectNarrow(int port, String path, String headers) throws IOException {
        return new BareWebSocket(port, path, headers, 16 * 1024);
    }

    private void request(String path, String headers) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + headers + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** The next frame; null at the end of the connection, however it ended. */
    Frame read() throws IOException {
        try {
            int head = in.readUnsignedByte();
            assertThat(head & 0x80).as("FIN").isEqualTo(0x80);
            int length = in.readUnsignedByte();
            assertThat(length).as("not masked").isLessThan(128);
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(in.readLong());
            }
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(head & 0x7F, payload);
        } catch (EOFException | SocketException e) {
            return null;
        }
    }

    /** The next frame of that kind; others are passed over. */
    Frame read(int opcode) throws IOException {
        Frame frame = read();
        while (frame != null && frame.opcode() != opcode) {
            frame = read();
        }
        return frame;
    }

    /** Reads what there still is, to the end of the connection, and counts the envelopes in it. */
    int readToEnd() throws IOException {
        int envelopes = 0;
        while (read(BINARY) != null) {
            envelopes++;
        }
        return envelopes;
    }

    /** Answers pings, and gathers envelopes until so many have come. */
    List<Envelope> readEnvelopes(int count) throws IOException {
        List<Envelope> envelopes = new ArrayList<>();
        while (envelopes.size() < count) {
            Frame frame = read();
            assertThat(frame).as("after %d envelopes", envelopes.size()).isNotNull();
            if (frame.opcode() == PING) {
                send(PONG, frame.payload());
            } else if (frame.opcode() == BINARY) {
                envelopes.add(frame.envelope());
            }
        }
        return envelopes;
    }

    /** Sends a frame, masked as a client's must be. */
    void send(int opcode, byte[] payload) throws IOException {
        assertThat(payload.length).isLessThan(126);
        byte[] frame = new byte[6 + payload.length];
        frame[0] = (byte) (0x80 | opcode);
        frame[1] = (byte) (0x80 | payload.length);
        // A mask of zeros leaves the payload as it is.
        System.arraycopy(payload, 0, frame, 6, payload.length);
        socket.getOutputStream().write(frame);
    }

    /** Sends a binary frame of that many zeros, masked with zeros. */
    void sendLarge(int length) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(14 + length);
        frame.put((byte) (0x80 | BINARY)).put((byte) (0x80 | 127)).putLong(length);
        socket.getOutputStream().write(frame.array());
    }

    void sendClose(int code) throws IOException {
        send(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    /** The address that the server sees. */
    String localAddress() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /** Cuts the connection without a word. */
    @Override
    public void close() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
