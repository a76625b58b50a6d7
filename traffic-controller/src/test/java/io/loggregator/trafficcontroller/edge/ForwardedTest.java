package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.ServerWebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom {@code X-Forwarded-For} makes the client. */
@Timeout(60)
class ForwardedTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            203.0.113.7                        | 203.0.113.7
            203.0.113.7:4711                   | 203.0.113.7 4711
            6.6.6.6, 203.0.113.7               | 203.0.113.7
            6.6.6.6, 203.0.113.7, 10.1.2.3     | 203.0.113.7
            203.0.113.7,10.1.2.3 , 10.4.5.6    | 203.0.113.7
            2001:db8::7                        | 2001:db8::7
            [2001:db8::7]                      | 2001:db8::7
            [2001:db8::7]:4711                 | 2001:db8::7 4711
            ::ffff:203.0.113.7, ::ffff:10.1.2.3 | 203.0.113.7
            10.1.2.3, 10.4.5.6                 | 10.1.2.3
            203.0.113.7, unknown, 10.1.2.3     | 10.1.2.3
            203.0.113.7, _hidden               | direct
            203.0.113.7,                       | 203.0.113.7
            203.0.113.7:99999                  | 203.0.113.7
            1.2.3.4.5                          | direct
            ''                                 | direct
            """)
    void theLastThatIsNoProxyIsTheClient(String forwardedFor, String client) throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.OFF, "127.0.0.0/8", "10.0.0.0/8")) {
            String said = ask(fronted, "X-Forwarded-For: " + forwardedFor + "\r\n");
            if (client.equals("direct")) {
                assertThat(said).startsWith("127.0.0.1 ");
                assertThat(fronted.requests.poll()).isEqualTo("direct http");
            } else {
                assertThat(said).isEqualTo(client);
                assertThat(fronted.requests.poll()).isEqualTo("forwarded http");
            }
        }
    }

    @Test
    void nobodyElseIsBelieved() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.OFF, "10.0.0.0/8")) {
            assertThat(ask(fronted, "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"))
                    .startsWith("127.0.0.1 ");
            assertThat(fronted.requests.poll()).isEqualTo("direct http");
        }
    }

    @Test
    void severalHeadersAreOneList() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.OFF, "127.0.0.1", "10.0.0.0/8")) {
            assertThat(ask(fronted, "X-Forwarded-For: 6.6.6.6, 203.0.113.7\r\nX-Forwarded-For: 10.1.2.3\r\n"))
                    .isEqualTo("203.0.113.7");
        }
    }

    @Test
    void theSchemeIsThatOfTheNearestProxy() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.OFF, "127.0.0.1")) {
            ask(fronted, "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: http, https\r\n");
            assertThat(fronted.requests.poll()).isEqualTo("forwarded https");
            ask(fronted, "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: gopher\r\n");
            assertThat(fronted.requests.poll()).isEqualTo("forwarded http");
        }
    }

    @Test
    void aStreamBelongsToTheClient() throws Exception {
        try (Fronted fronted = new Fronted(ProxyProtocol.OFF, "127.0.0.1");
                RawClient client = fronted.edge.connect()) {
            client.send("GET /firehose/a HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7\r\n" + Fronted.HANDSHAKE);
            assertThat(client.read(false).status()).isEqualTo(101);
            ServerWebSocket socket = Fronted.next(fronted.edge.pipeline.sockets);
            assertThat(socket.remoteAddress().host()).isEqualTo("203.0.113.7");
            assertThat(socket.remoteAddress().port()).isZero();
        }
    }

    private static String ask(Fronted fronted, String headers) throws Exception {
        try (RawClient client = fronted.edge.connect()) {
            client.send("GET /apps/a/recentlogs HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
            assertThat(client.read(false).status()).isEqualTo(200);
            return fronted.client();
        }
    }
}
