package io.loggregator.nozzle.websocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One attempt to open a stream. {@link #abort} ends it from another thread, and the stream that came of it, too. */
public final class Dial {
    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int RECEIVE_BUFFER = 1 << 20;

    private final Target target;
    private Socket raw; // guarded by this
    private boolean aborted; // guarded by this

    public Dial(Target target) {
        this.target = target;
    }

    /**
     * Opens the WebSocket, or asks for the events.
     *
     * @throws Refused the server answered something else
     * @throws javax.net.ssl.SSLException TLS was not agreed upon
     * @throws Violation the answer is not HTTP, or promises what was not asked for
     * @throws IOException the server cannot be reached, or does not answer in time
     */
    public Messages open() throws IOException {
        boolean opened = false;
        try {
            Socket plain = connected();
            plain.setSoTimeout(target.timeoutMillis());
            plain.setTcpNoDelay(true);
            if (target.proxy() != null) {
                tunnel(plain);
            }
            Socket socket = target.tls() == null ? plain : secured(plain);
            Messages messages = target.events() ? asked(socket) : upgraded(socket);
            plain.setSoTimeout(target.silenceMillis());
            opened = true;
            return messages;
        } finally {
            if (!opened) {
                abort();
            }
        }
    }

    /** Cuts the connection, in whatever state it is. */
    public void abort() {
        Socket open;
        synchronized (this) {
            aborted = true;
            open = raw;
        }
        if (open != null) {
            try {
                // Not the TLS socket, whose end waits for what is being written.
                open.close();
            } catch (IOException e) {
                // It is of no use any more, whatever the reason.
                return;
            }
        }
    }

    private Socket connected() throws IOException {
        if (target.proxy() != null) {
            InetSocketAddress proxy = target.proxy();
            return connected(
                    proxy.isUnresolved() ? InetAddress.getByName(proxy.getHostString()) : proxy.getAddress(),
                    proxy.getPort());
        }
        List<InetAddress> addresses = Arrays.asList(InetAddress.getAllByName(unbracketed(target.host())));
        // So that the nozzles of a platform spread over its Traffic Controllers.
        Collections.shuffle(addresses);
        IOException last = null;
        for (InetAddress address : addresses) {
            try {
                return connected(address, target.port());
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private Socket connected(InetAddress address, int port) throws IOException {
        Socket socket = new Socket();
        synchronized (this) {
            if (aborted) {
                throw new IOException("aborted");
            }
            raw = socket;
        }
        try {
            socket.setReceiveBufferSize(RECEIVE_BUFFER);
            socket.connect(new InetSocketAddress(address, port), target.timeoutMillis());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return socket;
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private void tunnel(Socket socket) throws IOException {
        String authority = target.host() + ":" + target.port();
        String request = "CONNECT " + authority + " HTTP/1.1\r\n"
                + "Host: " + authority + "\r\n"
                + header("Proxy-Authorization", target.proxyAuthorization())
                + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        HttpHead head;
        try {
            head = HttpHead.read(socket.getInputStream(), target.timeoutMillis());
        } catch (Violation e) {
            throw new Violation("the proxy gave " + e.getMessage());
        } catch (SocketTimeoutException e) {
            throw new SocketTimeoutException("the proxy did not answer in time");
        }
        if (head.status() / 100 != 2) {
            throw new Refused(head.status(), "", head.bodyText(socket.getInputStream()), true);
        }
    }

    /** @param value null: the header is left out */
    private static String header(String name, String value) {
        return value == null ? "" : name + ": " + value + "\r\n";
    }

    private Socket secured(Socket plain) throws IOException {
        String host = unbracketed(target.host());
        SSLSocket socket = (SSLSocket) target.tls().getSocketFactory().createSocket(plain, host, target.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /**
     * Sends the request, and reads the head of its answer.
     *
     * @param status that is wanted
     */
    private HttpHead answer(Socket socket, int status, String headers) throws IOException {
        String request = "GET " + target.path() + " HTTP/1.1\r\n"
                + "Host: " + target.host() + ":" + target.port() + "\r\n"
                + headers
                + header("Authorization", target.authorization())
                + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        HttpHead head = HttpHead.read(socket.getInputStream(), target.timeoutMillis());
        if (head.status() != status) {
            throw new Refused(
                    head.status(),
                    head.headers().getOrDefault("location", ""),
                    head.bodyText(socket.getInputStream()),
                    false);
        }
        return head;
    }

    private EventStream asked(Socket socket) throws IOException {
        HttpHead head = answer(
                socket,
                200,
                "Accept: text/event-stream\r\n"
                        + "Cache-Control: no-cache\r\n"
                        + header("Last-Event-ID", target.lastEventId().isEmpty() ? null : target.lastEventId()));
        Map<String, String> headers = head.headers();
        String type = headers.getOrDefault("content-type", "");
        if (!type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
            throw new Violation("the answer 200 holds no events, but '" + type + "'");
        }
        if (headers.containsKey("content-encoding")) {
            throw new Violation("the server uses an encoding that was not asked for");
        }
        String encoding = headers.getOrDefault("transfer-encoding", "");
        boolean chunked = encoding.equalsIgnoreCase("chunked");
        if (!chunked && !encoding.isEmpty()) {
            throw new Violation("the server uses the transfer encoding " + encoding);
        }
        return new EventStream(this, socket, socket.getInputStream(), chunked, target.largestMessage());
    }

    private WebSocket upgraded(Socket socket) throws IOException {
        byte[] nonce = new byte[16];
        new SecureRandom().nextBytes(nonce);
        String key = Base64.getEncoder().encodeToString(nonce);
        HttpHead head = answer(
                socket,
                101,
                "Upgrade: websocket\r\n"
                        + "Connection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: " + key + "\r\n"
                        + "Sec-WebSocket-Protocol: " + target.subprotocol() + "\r\n");
        Map<String, String> headers = head.headers();
        if (!headers.getOrDefault("upgrade", "").toLowerCase(Locale.ROOT).equals("websocket")
                || !headers.getOrDefault("sec-websocket-accept", "").equals(accept(key))) {
            throw new Violation("the answer 101 is not that of a WebSocket server");
        }
        String chosen = headers.get("sec-websocket-protocol");
        if (chosen != null && !chosen.equals(target.subprotocol())) {
            throw new Violation("the server chose a subprotocol that was not offered: " + chosen);
        }
        if (headers.containsKey("sec-websocket-extensions")) {
            throw new Violation("the server uses extensions that were not offered");
        }
        return new WebSocket(this, socket, chosen != null, target.largestMessage());
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
