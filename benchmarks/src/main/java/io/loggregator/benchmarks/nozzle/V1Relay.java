package io.loggregator.benchmarks.nozzle;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/**
 * Between a nozzle and a Traffic Controller, TLS on both sides: leaves out that the nozzle knows more than the first
 * protocol, and passes on everything else as it comes. For readers whose library always offers what is newer.
 */
final class V1Relay implements AutoCloseable {
    private static final Pattern OFFER = Pattern.compile("(?im)^sec-websocket-protocol:[^\\r\\n]*\\r\\n");
    private static final int LARGEST_HEAD = 8192;
    private static final int BUFFER = 1 << 16;

    private final InetSocketAddress server;
    private final SSLContext tls;
    private final SSLServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool(action -> {
        Thread thread = new Thread(action, "relay");
        thread.setDaemon(true);
        return thread;
    });

    /** @param tls what to show to clients, and whom to trust as the server */
    V1Relay(InetSocketAddress server, SSLContext tls) throws IOException {
        this.server = server;
        this.tls = tls;
        listener = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> relay(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void relay(Socket client) {
        try (client;
                Socket upstream = tls.getSocketFactory().createSocket(server.getAddress(), server.getPort())) {
            OutputStream toServer = upstream.getOutputStream();
            toServer.write(OFFER.matcher(head(client.getInputStream()))
                    .replaceFirst("")
                    .getBytes(StandardCharsets.ISO_8859_1));
            toServer.flush();
            threads.execute(() -> pass(client, upstream));
            pass(upstream, client);
        } catch (IOException e) {
            System.err.println("the relay: " + e);
        }
    }

    private static String head(InputStream input) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
            int next = input.read();
            if (next < 0 || head.length() > LARGEST_HEAD) {
                throw new EOFException("no request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Until either has ended. */
    private static void pass(Socket from, Socket to) {
        byte[] bytes = new byte[BUFFER];
        try (from;
                to) {
            InputStream input = from.getInputStream();
            OutputStream output = to.getOutputStream();
            for (int length = input.read(bytes); length >= 0; length = input.read(bytes)) {
                output.write(bytes, 0, length);
            }
        } catch (IOException ended) {
            // The end of the one is the end of the other.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
