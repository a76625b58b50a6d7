package io.loggregator.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * A way to a Doppler's link port that takes as many of the Doppler's bytes as it is allowed to, whatever the time. All links that
 * go this way share what is allowed.
 */
final class NarrowLink implements AutoCloseable {
    private static final int ALL = 1 << 30;
    private static final int PIECE = 4 * 1024;
    /** Of the socket that the Doppler writes to, so that it soon notices. */
    private static final int BUFFER = 64 * 1024;

    private final int target;
    private final ServerSocket listener;
    private final Semaphore allowed = new Semaphore(ALL);
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** A way that is wide at first. */
    NarrowLink(int target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** From now on nothing is allowed. */
    void narrow() {
        allowed.drainPermits();
    }

    void allow(int bytes) {
        allowed.release(bytes);
    }

    /** From now on everything is. */
    void widen() {
        allowed.release(ALL);
    }

    private void accept() {
        try {
            while (true) {
                Socket trafficController = listener.accept();
                Socket doppler = new Socket();
                sockets.add(trafficController);
                sockets.add(doppler);
                doppler.setReceiveBufferSize(BUFFER);
                doppler.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                start(() -> pass(trafficController, doppler, null));
                start(() -> pass(doppler, trafficController, allowed));
            }
        } catch (IOException closed) {
            // Nobody listens any more.
        }
    }

    private static void pass(Socket from, Socket to, Semaphore limitOrNull) {
        byte[] bytes = new byte[PIECE];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                if (limitOrNull != null) {
                    limitOrNull.acquire(length);
                }
                out.write(bytes, 0, length);
            }
        } catch (IOException broken) {
            // As the other end will see.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void start(Runnable action) {
        Thread thread = new Thread(action, "narrow link");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
