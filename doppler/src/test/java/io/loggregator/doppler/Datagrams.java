package io.loggregator.doppler;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** One that sends datagrams, as metron does. */
final class Datagrams implements AutoCloseable {
    private final DatagramSocket socket;
    private final int port;

    Datagrams(int port) {
        this.port = port;
        try {
            socket = new DatagramSocket();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Datagrams send(byte[] datagram) {
        try {
            socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), port));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With the signature that the secret makes. */
    static byte[] signed(String secret, byte[] envelope) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] signature = mac.doFinal(envelope);
            byte[] datagram = new byte[signature.length + envelope.length];
            System.arraycopy(signature, 0, datagram, 0, signature.length);
            System.arraycopy(envelope, 0, datagram, signature.length, envelope.length);
            return datagram;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
