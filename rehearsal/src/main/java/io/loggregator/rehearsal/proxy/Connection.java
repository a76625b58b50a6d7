package io.loggregator.rehearsal.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * A client's connection and the one that was made for it. In each direction one thread reads and another writes, and a few
 * pieces wait between them, so that what is late holds up nothing.
 */
final class Connection {
    private static final int PIECE = 16 * 1024;
    private static final int WAITING = 64;
    /** Nothing: there is nothing more to come. */
    private static final Piece END = new Piece(new byte[0], 0);

    private final Socket client;
    private final Map<Direction, Passage> passages;
    private final Consumer<Connection> gone;
    private Socket server; // guarded by this
    private boolean over; // guarded by this
    private int ended; // guarded by this

    /** What came, and when it may go on. */
    private record Piece(byte[] bytes, long due) {}

    Connection(Socket client, Map<Direction, Passage> passages, Consumer<Connection> gone) {
        this.client = client;
        this.passages = passages;
        this.gone = gone;
    }

    static void start(String name, Runnable action) {
        Thread thread = new Thread(action, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Connects to a port of loopback and begins to pass on. */
    void join(Socket to, int port) throws IOException {
        synchronized (this) {
            server = to;
        }
        to.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        client.setTcpNoDelay(true);
        to.setTcpNoDelay(true);
        pass(Direction.FORTH, client, to);
        pass(Direction.BACK, to, client);
    }

    private void pass(Direction direction, Socket from, Socket to) throws IOException {
        BlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(WAITING);
        Passage passage = passages.get(direction);
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        start(direction + "-in", () -> read(in, pieces, passage));
        start(direction + "-out", () -> write(to, out, pieces, passage));
    }

    private void read(InputStream in, BlockingQueue<Piece> pieces, Passage passage) {
        byte[] bytes = new byte[PIECE];
        try {
            while (true) {
                // What nobody takes stays where it is, so that the sender's window closes as it does with a peer that
                // hangs.
                passage.awaitOpen();
                int length = in.read(bytes);
                if (length < 0) {
                    pieces.put(END);
                    return;
                }
                pieces.put(new Piece(Arrays.copyOf(bytes, length), System.nanoTime() + passage.delayNanos()));
            }
        } catch (IOException broken) {
            reset();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pieces.clear();
        pieces.offer(END);
    }

    private void write(Socket to, OutputStream out, BlockingQueue<Piece> pieces, Passage passage) {
        try {
            for (Piece piece = pieces.take(); piece.bytes().length > 0; piece = pieces.take()) {
                int at = 0;
                while (at < piece.bytes().length) {
                    int length = passage.awaitTurn(piece.bytes().length - at, piece.due());
                    out.write(piece.bytes(), at, length);
                    passage.count(length);
                    at += length;
                }
            }
            passage.awaitOpen();
            to.shutdownOutput();
            end();
        } catch (IOException broken) {
            reset();
            // Whoever reads may wait for room.
            pieces.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void end() {
        ended++;
        if (ended == Direction.values().length) {
            close();
        }
    }

    /** Ends both sides with RST. */
    synchronized void reset() {
        linger(client);
        if (server != null) {
            linger(server);
        }
        close();
    }

    private static void linger(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException closed) {
            // Then there is nothing to reset.
        }
    }

    private synchronized void close() {
        if (over) {
            return;
        }
        over = true;
        for (Socket socket : new Socket[] {client, server}) {
            try {
                if (socket != null) {
                    socket.close();
                }
            } catch (IOException closed) {
                // It is gone, as was wanted.
            }
        }
        gone.accept(this);
    }
}
