package io.loggregator.cli.emit;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/**
 * Sends each envelope as v1 in a datagram of its own, signed if there is a secret. Nobody tells what arrives; the most
 * that can be learnt is that nobody listens.
 */
public final class DatagramSender implements EnvelopeSender {
    private static final String ALGORITHM = "HmacSHA256";

    private final DatagramSocket socket;
    private final String address;
    private final Mac mac;
    private final boolean patient;
    private final Consumer<String> notices;
    private final V1Envelopes v1 = new V1Envelopes();
    private boolean unheard;
    private long sent;

    /**
     * @param secret signs the datagrams; null: they are not signed
     * @param patient whether it goes on when nobody listens
     * @throws IngressSender.Failed if there is no way to the address
     */
    public DatagramSender(InetSocketAddress to, String secret, boolean patient, Consumer<String> notices)
            throws IngressSender.Failed {
        this.address = to.getHostString() + ":" + to.getPort();
        this.patient = patient;
        this.notices = notices;
        if (to.isUnresolved()) {
            throw new IngressSender.Failed("cannot send to " + address + ": the host is not known", false);
        }
        try {
            mac = secret == null ? null : Mac.getInstance(ALGORITHM);
            if (secret != null) {
                mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            }
            socket = new DatagramSocket();
            socket.connect(to);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        } catch (IOException e) {
            throw new IngressSender.Failed("cannot send to " + address + ": " + e.getMessage(), false);
        }
    }

    @Override
    public void send(EnvelopeBatch batch) throws IngressSender.Failed {
        for (byte[] envelope : v1.of(batch)) {
            send(datagram(envelope));
            sent++;
        }
    }

    private byte[] datagram(byte[] envelope) {
        if (mac == null) {
            return envelope;
        }
        byte[] signature = mac.doFinal(envelope);
        byte[] datagram = new byte[signature.length + envelope.length];
        System.arraycopy(signature, 0, datagram, 0, signature.length);
        System.arraycopy(envelope, 0, datagram, signature.length, envelope.length);
        return datagram;
    }

    private void send(byte[] datagram) throws IngressSender.Failed {
        try {
            socket.send(new DatagramPacket(datagram, datagram.length));
            unheard = false;
        } catch (PortUnreachableException e) {
            // Told by the kernel of one that was sent before.
            String message = "nobody listens for datagrams on " + address;
            if (!patient) {
                throw new IngressSender.Failed(message, false);
            }
            if (!unheard) {
                notices.accept(message + ", what is sent is lost");
            }
            unheard = true;
        } catch (IOException e) {
            throw new IngressSender.Failed("cannot send to " + address + ": " + e.getMessage(), false);
        }
    }

    @Override
    public void finish() {
        // Datagrams that were sent are under way, and that is all there is to know.
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    public void close() {
        socket.close();
    }
}
