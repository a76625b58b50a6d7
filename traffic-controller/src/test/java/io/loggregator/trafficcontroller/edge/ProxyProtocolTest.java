package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that begin with a header of the PROXY protocol, and those that had better not. */
@Timeout(60)
class ProxyProtocolTest {
    private static final String REQUEST = "GET /apps/a/recentlogs HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final String TCP4 = "\021";
    private static final String TCP6 = "\041";
    private static final String UDP4 = "\022";
    private static final String UNIX = "\061";
    private static final String UNSPEC = "\0";
    private static final String IP4 = "\313\0\161\007" + "\300\0\002\001" + "\022\147" + "\037\221";
    private static final String IP6 = latin1("20010db8000000000000000000000007")
            + latin1("20010db8000000000000000000000001") + "\022\147" + "\037\221";
    private static final String NOBODY = "127.0.0.1 ";
    private static final String CUT = "cut";

    static Stream<Arguments> headers() {
        return Stream.of(
                Arguments.of("PROXY TCP4 203.0.113.7 192.0.2.1 4711 8081\r\n", "203.0.113.7 4711"),
                Arguments.of("PROXY TCP6 2001:db8::7 2001:db8::1 4711 8081\r\n", "2001:db8::7 4711"),
                Arguments.of("PROXY UNKNOWN\r\n", NOBODY),
                Arguments.of("PROXY UNKNOWN ffff:: ffff:: 1 2\r\n", NOBODY),
                Arguments.of("PROXY TCP4 203.0.113.7\r\n", CUT),
                Arguments.of("PROXY TCP4 203.0.113.7 192.0.2.1 4711 99999\r\n", CUT),
                Arguments.of("PROXY TCP4 localhost 192.0.2.1 4711 8081\r\n", CUT),
                Arguments.of("PROXY TCP5 203.0.113.7 192.0.2.1 4711 8081\r\n", CUT),
                Arguments.of("PROXY TCP4 " + "1".repeat(200), CUT),
                Arguments.of(version2(HAProxyCommand.PROXY, TCP4, IP4), "203.0.113.7 4711"),
                Arguments.of(version2(HAProxyCommand.PROXY, TCP6, IP6), "2001:db8::7 4711"),
                // A unique id of 4 bytes, an authority, and a no-op of 300.
                Arguments.of(
                        version2(
                                HAProxyCommand.PROXY,
                                TCP4,
                                IP4 + "\005\0\004abcd" + "\002\0\001x" + "\004\001\054" + "\0".repeat(300)),
                        "203.0.113.7 4711"),
                Arguments.of(version2(HAProxyCommand.LOCAL, TCP4, IP4), NOBODY),
                Arguments.of(version2(HAProxyCommand.LOCAL, UNSPEC, ""), NOBODY),
                Arguments.of(version2(HAProxyCommand.PROXY, UNSPEC, ""), NOBODY),
                Arguments.of(version2(HAProxyCommand.PROXY, UNIX, "\0".repeat(216)), NOBODY),
                Arguments.of(version2(HAProxyCommand.PROXY, UDP4, IP4), CUT),
                Arguments.of(version2(HAProxyCommand.PROXY, TCP4, IP4.substring(0, 8)), CUT),
                Arguments.of(version2(HAProxyCommand.PROXY, TCP4, IP4 + "\004\377\377more"), CUT),
                Arguments.of(version2(HAProxyCommand.PROXY, TCP4, IP4 + "\004\040\0" + "\0".repeat(8192)), CUT),
                Arguments.of(SIGNATURE + "\061" + TCP4 + "\0\014" + IP4, CUT),
                Arguments.of(SIGNATURE + "\042" + TCP4 + "\0\014" + IP4, CUT));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aTrustedProxyTellsWhoseTheConnectionIs(String header, String client) throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.ACCEPT, "127.0.0.1");
                RawClient proxy = fronted.edge.connect()) {
            proxy.send(header + REQUEST);
            check(fronted, proxy, client);
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aHeaderMayComeByteByByte(String header, String client) throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.REQUIRE, "127.0.0.1");
                RawClient proxy = fronted.edge.connect()) {
            proxy.noDelay();
            String bytes = header.length() > 1000 ? header : header + REQUEST;
            try {
                for (int i = 0; i < bytes.length(); i++) {
                    proxy.send(bytes.substring(i, i + 1));
                }
            } catch (IOException e) {
                assertThat(client).isEqualTo(CUT);
            }
            check(fronted, proxy, client);
        }
    }

    private static void check(Fronted fronted, RawClient proxy, String client) throws Exception {
        if (client.equals(CUT)) {
            assertCut(proxy);
            assertThat(Fronted.next(fronted.edge.refused)).isEqualTo("proxy_header");
            assertThat(fronted.events).isEmpty();
            return;
        }
        assertThat(proxy.read(false).status()).isEqualTo(200);
        assertThat(fronted.client()).startsWith(client.equals(NOBODY) ? "127.0.0.1 " : client);
        assertThat(fronted.requests.poll()).isEqualTo((client.equals(NOBODY) ? "direct" : "proxy_protocol") + " http");
        assertThat(fronted.edge.refused).isEmpty();
    }

    /** A client in TCP mode speaks for itself, and may sit in a network that is trusted for its proxies. */
    @Test
    void aClientOfTheHeaderIsBelievedNothingWhereverItIs() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.REQUIRE, "127.0.0.1", "203.0.113.0/24");
                RawClient proxy = fronted.edge.connect()) {
            proxy.send("PROXY TCP4 203.0.113.7 192.0.2.1 4711 8081\r\n"
                    + REQUEST.replace("\r\n\r\n", "\r\nX-Forwarded-For: 192.0.2.66\r\n\r\n"));
            check(fronted, proxy, "203.0.113.7 4711");
        }
    }

    @Test
    void aStreamBelongsToTheClientOfTheHeader() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.REQUIRE, "127.0.0.1");
                RawClient proxy = fronted.edge.connect()) {
            proxy.send(
                    "PROXY TCP4 203.0.113.7 192.0.2.1 4711 8081\r\nGET /firehose/a HTTP/1.1\r\n" + Fronted.HANDSHAKE);
            assertThat(proxy.read(false).status()).isEqualTo(101);
            ServerWebSocket socket = Fronted.next(fronted.edge.pipeline.sockets);
            assertThat(socket.remoteAddress()).hasToString("203.0.113.7:4711");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ACCEPT", "REQUIRE"})
    void anybodyElsesHeaderIsGarbage(ProxyProtocol mode) throws Exception {
        try (Fronted fronted = new Fronted(mode, "10.0.0.0/8");
                RawClient client = fronted.edge.connect()) {
            trySend(client, "PROXY TCP4 203.0.113.7 192.0.2.1 4711 8081\r\n" + REQUEST);
            assertCut(client);
            assertThat(Fronted.next(fronted.edge.refused)).isEqualTo("untrusted_proxy");
            assertThat(fronted.events).isEmpty();
        }
    }

    @Test
    void whoeverIsNoProxyMayConnectWithoutHeaderUnlessOneIsRequired() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.ACCEPT, "10.0.0.0/8");
                RawClient client = fronted.edge.connect()) {
            client.send(REQUEST);
            assertThat(client.read(false).status()).isEqualTo(200);
            assertThat(fronted.requests.poll()).isEqualTo("direct http");
        }
        try (Fronted fronted = new Fronted(ProxyProtocol.REQUIRE, "10.0.0.0/8");
                RawClient client = fronted.edge.connect()) {
            trySend(client, REQUEST);
            assertCut(client);
            assertThat(Fronted.next(fronted.edge.refused)).isEqualTo("untrusted_proxy");
        }
    }

    @Test
    void aTrustedProxyNeedNoHeaderUnlessOneIsRequired() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.ACCEPT, "127.0.0.1");
                RawClient proxy = fronted.edge.connect()) {
            proxy.send("P");
            proxy.send(REQUEST.replace("GET", "OST"));
            assertThat(proxy.read(false).status()).isEqualTo(200);
        }
        try (Fronted fronted = new Fronted(ProxyProtocol.REQUIRE, "127.0.0.1");
                RawClient proxy = fronted.edge.connect()) {
            trySend(proxy, REQUEST);
            assertCut(proxy);
            assertThat(Fronted.next(fronted.edge.refused)).isEqualTo("proxy_header");
        }
    }

    @Test
    void withoutTheProtocolAHeaderIsNoRequest() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.OFF, "127.0.0.1");
                RawClient proxy = fronted.edge.connect()) {
            proxy.send("PROXY TCP4 203.0.113.7 192.0.2.1 4711 8081\r\n" + REQUEST);
            assertThat(proxy.read(false).status()).isEqualTo(400);
            assertThat(Fronted.next(fronted.edge.refused)).isEqualTo("malformed_request");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PROX", "PROXY TCP4 203.0.113.7 192", SIGNATURE + "\041" + TCP4, "\r\n\r"})
    void aHeaderThatStallsIsCutOff(String begin) throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.REQUIRE, "127.0.0.1");
                RawClient proxy = fronted.edge.connect()) {
            proxy.send(begin);
            // Behind the header waits HTTP, which has less patience; with TLS it would be the handshake's.
            assertCut(proxy);
            assertThat(fronted.events).isEmpty();
        }
    }

    private static void trySend(RawClient client, String bytes) {
        try {
            client.send(bytes);
        } catch (IOException e) {
            // Cut before it was sent.
        }
    }

    private static void assertCut(RawClient client) {
        String rest;
        try {
            client.patience(30_000);
            rest = client.rest();
        } catch (IOException e) {
            rest = e instanceof java.net.SocketTimeoutException ? "still open" : "";
        }
        assertThat(rest).isEmpty();
    }

    private static String version2(HAProxyCommand command, String family, String content) {
        return SIGNATURE
                + (command == HAProxyCommand.LOCAL ? "\040" : "\041")
                + family
                + (char) (content.length() >> 8)
                + (char) (content.length() & 0xFF)
                + content;
    }

    private static String latin1(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }
}
