package io.loggregator.endtoend;

import io.loggregator.node.tls.IssuedCertificate;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Somebody who connects to a port, rightly or wrongly. */
final class TlsPeer {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final char[] PASSWORD = "memory".toCharArray();
    private static final String UPGRADE = String.join(
            "\r\n",
            "GET /link HTTP/1.1",
            "Host: doppler",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: loggregator.link.v1",
            "",
            "");

    private TlsPeer() {}

    /** A JDK client that shows this certificate, or none, and trusts anybody; it resumes sessions where it can. */
    static SSLContext showing(IssuedCertificate certificateOrNull) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (certificateOrNull != null) {
            store.setKeyEntry(
                    "own", certificateOrNull.key(), PASSWORD, new Certificate[] {certificateOrNull.certificate()});
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new TrustAnybody()}, null);
        return context;
    }

    /** Connects and asks for what the port serves. Fails when it is refused; returns the start of the answer. */
    static String served(SSLContext client, String portName, int port) throws IOException {
        boolean ingress = portName.equals("ingress");
        try (SSLSocket socket =
                (SSLSocket) client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {ingress ? "h2" : "http/1.1"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            if (!ingress) {
                String request = portName.equals("link") ? UPGRADE : "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            }
            byte[] start = socket.getInputStream().readNBytes(ingress ? 4 : 12);
            if (start.length == 0) {
                throw new IOException("closed without a word");
            }
            // Of HTTP/2, the fourth byte is the type of the first frame: 4 for settings.
            return ingress ? "frame " + start[3] : new String(start, StandardCharsets.US_ASCII);
        }
    }

    /** Sends some bytes and reads what comes until the connection ends, in hexadecimal. */
    static String answer(Socket socket, byte[] bytes) throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            socket.getOutputStream().write(bytes);
            for (int next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                answer.write(next);
            }
        } catch (java.net.SocketException e) {
            // Reset is an end, too.
        }
        return HexFormat.of().formatHex(answer.toByteArray());
    }

    static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** The first message of a handshake up to TLS 1.2 (RFC 5246, 7.4.1.2). */
    static byte[] clientHello(int version, int... suites) throws IOException {
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(hello);
        out.writeShort(version);
        out.write(new byte[32]); // random
        out.writeByte(0); // no session
        out.writeShort(suites.length * 2);
        for (int suite : suites) {
            out.writeShort(suite);
        }
        out.writeShort(0x0100); // one compression method: none
        // Supported groups: secp256r1; point formats: uncompressed; signatures: ecdsa_secp256r1_sha256,
        // rsa_pkcs1_sha256.
        byte[] extensions = HexFormat.of().parseHex("000a000400020017" + "000b00020100" + "000d00060004" + "04030401");
        out.writeShort(extensions.length);
        out.write(extensions);

        ByteArrayOutputStream record = new ByteArrayOutputStream();
        DataOutputStream framed = new DataOutputStream(record);
        framed.writeByte(22); // handshake
        framed.writeShort(0x0301);
        framed.writeShort(hello.size() + 4);
        framed.writeInt(1 << 24 | hello.size()); // client hello, length in 24 bits
        framed.write(hello.toByteArray());
        return record.toByteArray();
    }

    /** What is tested is whom servers trust. */
    private static final class TrustAnybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
