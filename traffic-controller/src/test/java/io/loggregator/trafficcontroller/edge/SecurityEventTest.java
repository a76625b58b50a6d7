package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines of the security event log. */
@Timeout(60)
class SecurityEventTest {
    private static Fronted fronted;

    @BeforeAll
    static void serve() throws Exception {
        fronted = new Fronted(ProxyProtocol.OFF, "127.0.0.1");
    }

    @AfterAll
    static void stop() throws Exception {
        fronted.close();
    }

    @Test
    void aLineIsAsTheReferenceServerWritesIt() throws Exception {
        long before = System.currentTimeMillis();
        String line = line(
                "GET /firehose/my-nozzle?filter-type=logs",
                "X-Forwarded-For: 203.0.113.7:4711\r\nX-Vcap-Request-ID: 6ec0e18c-08c7\r\nAuthorization: bearer secret\r\n");
        long millis = Long.parseLong(line.replaceFirst(".*\\|rt=(\\d+) .*", "$1"));
        assertThat(millis).isBetween(before, System.currentTimeMillis());
        assertThat(line)
                .isEqualTo("CEF:0|cloud_foundry|loggregator_trafficcontroller|1.0|"
                        + "GET /firehose/my-nozzle?filter-type=logs|GET /firehose/my-nozzle?filter-type=logs|0|rt="
                        + millis
                        + " cs1Label=userAuthenticationMechanism cs1=oauth-access-token cs2Label=vcapRequestId"
                        + " cs2=6ec0e18c-08c7 request=/firehose/my-nozzle?filter-type=logs requestMethod=GET"
                        + " src=203.0.113.7 spt=4711 dst=192.0.2.1 dpt=" + fronted.edge.verticle.port());
    }

    @Test
    void anUnknownPortAndRequestIdAreEmpty() throws Exception {
        assertThat(line("GET /x", "X-Forwarded-For: 2001:db8::7\r\n"))
                .contains(" cs2= request=/x ")
                .contains(" src=2001:db8::7 spt= dst=");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            /a?b&c<d>e"f'g+h                            ~ /a?b&amp;c%3Cd%3Ee%22f&#39;g&#43;h
            /a|b\\c                                     ~ /a%7Cb%5Cc
            /a?b=c|src=6.6.6.6                          ~ /a?b=c%7Csrc=6.6.6.6
            /set-cookie?CookieName=a&CookieValue=bearer+x ~ /set-cookie?CookieName=a&amp;CookieValue=---
            /set-cookie?Cookie%56alue=x&a=b             ~ /set-cookie?Cookie%56alue=---&amp;a=b
            /x?access_token=abc&TOKEN=def&tokens=1      ~ /x?access_token=---&amp;TOKEN=---&amp;tokens=1
            /x?&&a                                      ~ /x?&amp;&amp;a
            """)
    void aTargetIsEscaped(String target, String shown) throws Exception {
        String line = line("GET " + target, "");
        assertThat(line)
                .contains("|1.0|GET " + shown + "|GET " + shown + "|0|rt=")
                .contains(" request=" + shown + " requestMethod=GET ");
    }

    @Test
    void nobodyWritesALineOrAFieldOfTheirOwn() throws Exception {
        String line = line("GET /a\001b\205c", "X-Vcap-Request-ID: x\tsrc=6.6.6.6 dst=1|\\ \200\r\n");
        assertThat(line)
                .contains(" request=/a%01b%85c ")
                .contains(" cs2=x%09src%3D6.6.6.6%20dst%3D1%7C%5C%20%80 request=")
                .matches("[ -~]+");
    }

    @Test
    void aLongRequestIdIsCut() throws Exception {
        assertThat(line("GET /", "X-Vcap-Request-ID: " + "x".repeat(10_000) + "\r\n"))
                .contains(" cs2=" + "x".repeat(256) + " request=");
    }

    private static String line(String methodAndTarget, String headers) throws Exception {
        try (RawClient client = fronted.edge.connect()) {
            client.send(methodAndTarget + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
            client.read(false);
            return Fronted.next(fronted.events);
        }
    }
}
