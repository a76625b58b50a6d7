package io.loggregator.trafficcontroller.edge;

import io.loggregator.fuzzing.Claim;
import io.loggregator.node.accept.PerClient;
import io.loggregator.node.settings.Network;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a connection begins with where the PROXY protocol is spoken, whole and in pieces. */
public final class ProxyHeaderTarget {
    private static final int REQUIRED = 0x80;
    private static final int UNTRUSTED = 0x40;
    private static final int PIECE = 0x3F;

    private static final TrustedProxies PROXIES = new TrustedProxies(List.of(Network.parse("192.0.2.0/24")));
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final int HEAD = SIGNATURE.length() + 4;
    private static final int TCP4_ADDRESSES = 12;
    private static final Pattern VERSION_1 = Pattern.compile(
            "PROXY TCP4 ((?:\\d{1,3}\\.){3}\\d{1,3}) (?:[0-9.]+) (\\d{1,5}) \\d{1,5}\r\n.*", Pattern.DOTALL);

    private ProxyHeaderTarget() {}

    /** What became of a connection. */
    private record End(List<String> refusals, boolean open, SocketAddress client, byte[] passedOn) {
        boolean same(End other) {
            return refusals.equals(other.refusals)
                    && open == other.open
                    && String.valueOf(client).equals(String.valueOf(other.client))
                    && Arrays.equals(passedOn, other.passedOn);
        }
    }

    /** A connection of a load balancer, or of somebody else. */
    private static final class Connection extends EmbeddedChannel {
        private final InetSocketAddress peer;

        Connection(String peer) throws UnknownHostException {
            super(false, false);
            this.peer = new InetSocketAddress(InetAddress.getByName(peer), 4711);
        }

        @Override
        protected java.net.SocketAddress remoteAddress0() {
            return peer;
        }
    }

    /** What the fuzzer begins with: headers of both versions, with and without addresses and more, and none. */
    public static List<byte[]> seeds() {
        String tcp4 = "cb007107c000020112671f91";
        return Stream.of(
                        "PROXY TCP4 203.0.113.7 192.0.2.1 4711 8081\r\nGET / HTTP/1.1\r\n",
                        "PROXY TCP6 2001:db8::7 2001:db8::1 4711 8081\r\nGET",
                        "PROXY UNKNOWN\r\nGET",
                        "GET / HTTP/1.1\r\n",
                        version2(0x21, 0x11, tcp4) + "GET",
                        version2(0x21, 0x11, tcp4 + "05000461626364" + "02000178" + "0400020000") + "GET",
                        version2(0x21, 0x11, tcp4 + "200008" + "0700000000210000") + "GET",
                        version2(0x21, 0x21, "20010db8000000000000000000000007".repeat(2) + "12671f91") + "GET",
                        version2(0x21, 0x31, "2f73" + "00".repeat(214)) + "GET",
                        version2(0x20, 0x00, "") + "GET",
                        version2(0x21, 0x12, tcp4) + "GET")
                .flatMap(text -> Stream.of("\7" + text, (char) (REQUIRED | 1) + text, (char) (UNTRUSTED | 9) + text))
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static String version2(int command, int family, String hex) {
        byte[] addresses = HexFormat.of().parseHex(hex);
        return SIGNATURE
                + (char) command
                + (char) family
                + (char) (addresses.length >> 8)
                + (char) (addresses.length & 0xFF)
                + new String(addresses, StandardCharsets.ISO_8859_1);
    }

    /** Takes any bytes; the first tells whether there has to be a header, whose connection it is, and where it is cut. */
    public static void fuzzerTestOneInput(byte[] data) throws UnknownHostException {
        if (data.length == 0) {
            return;
        }
        int how = data[0];
        byte[] bytes = Arrays.copyOfRange(data, 1, data.length);
        End whole = connect(how, bytes, Math.max(1, bytes.length));
        check(how, bytes, whole);
        End inPieces = connect(how, bytes, 1 + (how & PIECE));
        Claim.that(whole.same(inPieces), "the same however it arrives: " + whole + " and " + inPieces);
    }

    private static End connect(int how, byte[] bytes, int piece) throws UnknownHostException {
        List<String> refusals = new ArrayList<>();
        ProxyProtocol mode = (how & REQUIRED) != 0 ? ProxyProtocol.REQUIRE : ProxyProtocol.ACCEPT;
        Front front = new Front(PROXIES, mode, (via, scheme) -> {}, null, "");
        Allocated memory = new Allocated();
        Connection connection = new Connection((how & UNTRUSTED) != 0 ? "198.51.100.1" : "192.0.2.9");
        connection.config().setAllocator(memory);
        connection
                .pipeline()
                .addLast(ProxyHeader.handlers(front, Limits.LOGGREGATOR, new PerClient(0), refusals::add)
                        .get());
        try {
            connection.register();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        for (int at = 0; at < bytes.length && connection.isOpen(); at += piece) {
            int length = Math.min(piece, bytes.length - at);
            connection.writeInbound(memory.buffer(length).writeBytes(bytes, at, length));
        }
        End end = new End(
                refusals,
                connection.isOpen(),
                connection.attr(ConnectionBase.REMOTE_ADDRESS_OVERRIDE).get(),
                passedOn(connection));
        boolean pending = connection.isOpen();
        connection.finishAndReleaseAll();
        Claim.that(!pending || refusals.size() <= 1, "a connection that ends by itself is not refused again");
        Claim.that(memory.held() == 0, "nothing is kept of a connection that is gone");
        return end;
    }

    private static byte[] passedOn(EmbeddedChannel connection) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf read = connection.readInbound(); read != null; read = connection.readInbound()) {
            all.writeBytes(read);
            read.release();
        }
        return Arrays.copyOf(all.array(), all.readableBytes());
    }

    private static void check(int how, byte[] bytes, End end) throws UnknownHostException {
        Claim.that(end.refusals().size() == (end.open() ? 0 : 1), "cut, and told why, or neither");
        int from = bytes.length - end.passedOn().length;
        Claim.that(
                from >= 0 && Arrays.equals(bytes, from, bytes.length, end.passedOn(), 0, end.passedOn().length),
                "what goes on is the rest of what came");
        boolean trusted = (how & UNTRUSTED) == 0;
        if (!trusted || !end.open()) {
            Claim.that(end.client() == null, "nobody else is believed");
        }
        if (!end.open()) {
            Claim.that(end.passedOn().length == 0, "nothing goes on of what is refused");
            Claim.that(
                    trusted || end.refusals().equals(List.of(Refusal.UNTRUSTED_PROXY.label())), "who is not trusted");
        }
        boolean begun = end.passedOn().length > 0;
        if (begun && from == 0) {
            Claim.that((how & REQUIRED) == 0, "without a header, where there has to be one");
            Claim.that(end.client() == null, "an address of nowhere");
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (begun && from > 0) {
            Claim.that(trusted, "a header of a stranger");
            Claim.that(from == headerEnd(text, bytes), "it goes on behind the header");
        }
        InetSocketAddress told = told(text, bytes);
        if (trusted && told != null) {
            Claim.that(end.open(), "a sound header is taken");
            Claim.that(
                    end.client() != null
                            && end.client().port() == told.getPort()
                            && InetAddress.getByName(end.client().hostAddress()).equals(told.getAddress()),
                    "the client that the header names: " + told + ", not " + end.client());
        }
    }

    private static int headerEnd(String text, byte[] bytes) {
        if (text.startsWith(SIGNATURE)) {
            return HEAD + (ByteBuffer.wrap(bytes).getShort(HEAD - 2) & 0xFFFF);
        }
        return text.indexOf("\r\n") + 2;
    }

    /** The client by a header that is beyond doubt; null if there is none. */
    private static InetSocketAddress told(String text, byte[] bytes) throws UnknownHostException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (text.startsWith(SIGNATURE + "!\21\0\14") && bytes.length >= HEAD + TCP4_ADDRESSES) {
            InetAddress address = InetAddress.getByAddress(Arrays.copyOfRange(bytes, HEAD, HEAD + 4));
            return new InetSocketAddress(address, in.getShort(HEAD + 8) & 0xFFFF);
        }
        Matcher version1 = VERSION_1.matcher(text);
        if (version1.matches() && isSound(text.substring(0, text.indexOf("\r\n")))) {
            return new InetSocketAddress(InetAddress.getByName(version1.group(1)), Integer.parseInt(version1.group(2)));
        }
        return null;
    }

    private static boolean isSound(String header) {
        String[] words = header.split(" ", -1);
        return words.length == 6
                && isAddress(words[2])
                && isAddress(words[3])
                && Integer.parseInt(words[4]) <= 0xFFFF
                && Integer.parseInt(words[5]) <= 0xFFFF
                && Integer.parseInt(words[4]) > 0
                && Integer.parseInt(words[5]) > 0;
    }

    private static boolean isAddress(String word) {
        String[] parts = word.split("\\.", -1);
        return parts.length == 4
                && Arrays.stream(parts).allMatch(part -> part.matches("0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5]"));
    }
}
