package io.loggregator.nozzle.websocket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/** An open WebSocket. One thread reads; any thread may write, and a write waits until the server's side takes it. */
public final class WebSocket implements Messages {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int NORMAL = 1000;
    private static final int LONGEST_CONTROL = 125;

    private final Dial dial;
    private final InputStream in;
    private final OutputStream out;
    private final boolean chosen;
    private final int largest;
    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock writing = new ReentrantLock();
    private boolean closeSent; // guarded by writing

    // The reader's own.
    private final byte[] ahead = new byte[32 << 10];
    private int aheadFrom;
    private int aheadTo;
    private final byte[] control = new byte[LONGEST_CONTROL];
    private byte[] message;
    private Idle idle;

    WebSocket(Dial dial, Socket socket, boolean chosen, int largest) throws IOException {
        this.dial = dial;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.chosen = chosen;
        this.largest = largest;
    }

    /** Whether the server chose the subprotocol that it was offered. */
    public boolean subprotocol() {
        return chosen;
    }

    /**
     * As {@link Messages#read}; answers Pings meanwhile.
     *
     * @throws Closed the server has closed
     */
    @Override
    public int read(Space space, Idle idle) throws IOException, InterruptedException {
        this.idle = idle;
        message = null;
        int length = 0;
        boolean begun = false;
        try {
            while (true) {
                int first = next();
                int second = next();
                if ((first & 0x70) != 0 || (second & 0x80) != 0) {
                    throw new Violation("a frame with reserved bits, or masked");
                }
                int opcode = first & 0x0F;
                boolean last = (first & 0x80) != 0;
                if (opcode >= CLOSE) {
                    control(opcode, last, second);
                    continue;
                }
                if (opcode != (begun ? CONTINUATION : BINARY)) {
                    throw new Violation(opcode == TEXT ? "a text message" : "a frame out of turn, opcode " + opcode);
                }
                begun = true;
                long more = length(second);
                if (more < 0 || more > largest - length) {
                    throw new Violation("a message of more than " + largest + " bytes");
                }
                length = append(space, length, (int) more, last);
                if (last) {
                    return length;
                }
            }
        } catch (IOException | InterruptedException e) {
            if (message != null) {
                space.giveBack(message);
                message = null;
            }
            throw e;
        }
    }

    @Override
    public byte[] message() {
        return message;
    }

    private int append(Space space, int length, int more, boolean last) throws IOException, InterruptedException {
        if (more == 0) {
            return length;
        }
        if (message == null) {
            message = space.take(last ? more : 2 * more);
        } else if (message.length - length < more) {
            byte[] larger = space.take(last ? length + more : 2 * (length + more));
            System.arraycopy(message, 0, larger, 0, length);
            space.giveBack(message);
            message = larger;
        }
        fill(message, length, more);
        return length + more;
    }

    private long length(int second) throws IOException, InterruptedException {
        int bytes = second == 126 ? 2 : second == 127 ? 8 : 0;
        long length = bytes == 0 ? second : 0;
        for (int i = 0; i < bytes; i++) {
            length = length << 8 | next();
        }
        return length;
    }

    private void control(int opcode, boolean last, int length) throws IOException, InterruptedException {
        if (!last || length > LONGEST_CONTROL) {
            throw new Violation("a control frame that is fragmented or too long");
        }
        fill(control, 0, length);
        switch (opcode) {
            case PING -> write(PONG, Arrays.copyOf(control, length));
            case PONG -> {
                // That it came is what counts.
            }
            case CLOSE -> {
                int code = length < 2 ? 1005 : (control[0] & 0xFF) << 8 | (control[1] & 0xFF);
                write(CLOSE, Arrays.copyOf(control, Math.min(length, 2)));
                throw new Closed(code, length < 2 ? "" : new String(control, 2, length - 2, StandardCharsets.UTF_8));
            }
            default -> throw new Violation("a frame of the unknown kind " + opcode);
        }
    }

    private int next() throws IOException, InterruptedException {
        if (aheadFrom == aheadTo) {
            aheadFrom = 0;
            aheadTo = received(ahead, 0, ahead.length);
        }
        return ahead[aheadFrom++] & 0xFF;
    }

    private void fill(byte[] target, int from, int length) throws IOException, InterruptedException {
        int copied = Math.min(length, aheadTo - aheadFrom);
        System.arraycopy(ahead, aheadFrom, target, from, copied);
        aheadFrom += copied;
        while (copied < length) {
            copied += received(target, from + copied, length - copied);
        }
    }

    private int received(byte[] target, int from, int most) throws IOException, InterruptedException {
        idle.beforeWaiting();
        int count = in.read(target, from, most);
        if (count < 0) {
            throw new EOFException("the connection ended without a Close");
        }
        return count;
    }

    /** Sends a binary message. After a Close nothing is sent. */
    public void send(byte[] binary) throws IOException {
        write(BINARY, binary);
    }

    @Override
    public void ping() throws IOException {
        write(PING, new byte[0]);
    }

    @Override
    public void close() throws IOException {
        write(CLOSE, new byte[] {NORMAL >> 8, (byte) NORMAL});
    }

    @Override
    public void abort() {
        dial.abort();
    }

    private void write(int opcode, byte[] payload) throws IOException {
        int head = payload.length < 126 ? 2 : payload.length < 1 << 16 ? 4 : 10;
        byte[] frame = new byte[head + 4 + payload.length];
        frame[0] = (byte) (0x80 | opcode);
        frame[1] = (byte) (0x80 | (head == 2 ? payload.length : head == 4 ? 126 : 127));
        for (int i = 2; i < head; i++) {
            frame[i] = (byte) ((long) payload.length >> (8 * (head - 1 - i)));
        }
        int mask = random.nextInt();
        for (int i = 0; i < 4; i++) {
            frame[head + i] = (byte) (mask >> (8 * (3 - i)));
        }
        for (int i = 0; i < payload.length; i++) {
            frame[head + 4 + i] = (byte) (payload[i] ^ frame[head + (i & 3)]);
        }
        writing.lock();
        try {
            if (!closeSent) {
                closeSent = opcode == CLOSE;
                out.write(frame);
            }
        } finally {
            writing.unlock();
        }
    }
}
