package io.loggregator.node.tls;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** The first message of a TLS handshake up to 1.2 (RFC 5246, 7.4.1.2), written by hand. */
final class ClientHello {
    static final int TLS_1_1 = 0x0302;
    static final int TLS_1_2 = 0x0303;

    private ClientHello() {}

    /** Sends it to a port on loopback and returns the first record of the answer. */
    static byte[] send(int port, int version) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(record(version));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] header = in.readNBytes(5);
            if (header.length < 5) {
                throw new IOException("closed without an answer");
            }
            byte[] content = in.readNBytes((header[3] & 0xff) << 8 | (header[4] & 0xff));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            answer.writeBytes(header);
            answer.writeBytes(content);
            return answer.toByteArray();
        }
    }

    private static byte[] record(int version) throws IOException {
        ByteArrayOutputStream hello = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(hello);
        out.writeShort(version);
        out.write(new byte[32]); // random
        out.writeByte(0); // no session
        int[] suites = {0xC02F, 0xC030, 0xC013, 0xC014}; // ECDHE_RSA with AES-GCM, and with CBC for TLS 1.1
        out.writeShort(suites.length * 2);
        for (int suite : suites) {
            out.writeShort(suite);
        }
        out.writeByte(1); // compression methods
        out.writeByte(0); // none
        byte[] extensions = {
            0,
            10,
            0,
            4,
            0,
            2,
            0,
            23, // supported groups: secp256r1
            0,
            11,
            0,
            2,
            1,
            0, // point formats: uncompressed
            0,
            13,
            0,
            6,
            0,
            4,
            4,
            1,
            8,
            4 // signatures: rsa_pkcs1_sha256, rsa_pss_rsae_sha256
        };
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
}
