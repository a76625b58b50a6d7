package io.loggregator.endtoend;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** One address for several servers, as a load balancer in TCP mode: passes each connection on to the first that takes it. */
final class PassThrough implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final Supplier<List<Integer>> ports;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();

    /** @param ports of the servers, in the order in which they are tried */
    PassThrough(Supplier<List<Integer>> ports) throws IOException {
        this.ports = ports;
        run("balancer", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** How many connections a server took so far. */
    int connections() {
        return connections.get();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            sockets.add(client);
            Socket server = connect();
            if (server == null) {
                client.close();
                continue;
            }
            connections.incrementAndGet();
            sockets.add(server);
            run("to the server", () -> pass(client, server));
            run("to the client", () -> pass(server, client));
        }
    }

    private Socket connect() {
        for (int port : ports.get()) {
            try {
                return new Socket(InetAddress.getLoopbackAddress(), port);
            } catch (IOException away) {
                // The next one may be there.
            }
        }
        return null;
    }

    private static void pass(Socket from, Socket to) throws IOException {
        try (from;
                to;
                InputStream in = from.getInputStream()) {
            in.transferTo(to.getOutputStream());
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // By one side or the other.
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
