package io.loggregator.rehearsal.traffic;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** Connections that say nothing. */
public final class Squatters implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;

    private final List<Socket> sockets = new ArrayList<>();

    /** Connects to a port of loopback so many times. */
    public void come(int port, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket();
            sockets.add(socket);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        }
    }

    /** All leave. */
    public void leave() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    @Override
    public void close() throws IOException {
        leave();
    }
}
