package io.loggregator.wire.v1;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.dropsonde.events.HttpFactory.PeerType;

/** The names of v1's HTTP methods and peer types, by number, as v2 carries them in tags. */
final class HttpNames {
    static final int GET = Method.GET_VALUE;
    static final int CLIENT = PeerType.Client_VALUE;

    private static final byte[][] METHODS = new byte[Method.values().length + 1][];
    private static final byte[][] PEER_TYPES = new byte[PeerType.values().length + 1][];

    static {
        for (Method method : Method.values()) {
            METHODS[method.getNumber()] = method.name().getBytes(StandardCharsets.US_ASCII);
        }
        for (PeerType peerType : PeerType.values()) {
            PEER_TYPES[peerType.getNumber()] = peerType.name().getBytes(StandardCharsets.US_ASCII);
        }
    }

    private HttpNames() {}

    /** The number of the method of exactly this name; 0: none. */
    static int method(byte[] bytes, int from, int to) {
        return number(METHODS, bytes, from, to);
    }

    /** The number of the peer type of exactly this name; 0: none. */
    static int peerType(byte[] bytes, int from, int to) {
        return number(PEER_TYPES, bytes, from, to);
    }

    private static int number(byte[][] names, byte[] bytes, int from, int to) {
        for (int i = 1; i < names.length; i++) {
            if (names[i].length == to - from && Arrays.equals(bytes, from, to, names[i], 0, names[i].length)) {
                return i;
            }
        }
        return 0;
    }

    /** The name of a method; of an unknown one its number. */
    static byte[] methodName(int number) {
        return name(METHODS, number);
    }

    /** The name of a peer type; of an unknown one its number. */
    static byte[] peerTypeName(int number) {
        return name(PEER_TYPES, number);
    }

    private static byte[] name(byte[][] names, int number) {
        return number > 0 && number < names.length
                ? names[number]
                : Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
