package io.loggregator.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.cli.client.Address.Bare;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "ws://127.0.0.1:8081,          ws://127.0.0.1:8081",
        "http://logs.example.com,      ws://logs.example.com:80",
        "wss://doppler.example.com,    wss://doppler.example.com:443",
        "https://doppler.example.com/, wss://doppler.example.com:443",
        "wss://example.com:4443/log/,  wss://example.com:4443/log",
        "ws://[::1]:9,                 ws://[::1]:9",
        "doppler.example.com,          wss://doppler.example.com:443",
        "doppler.example.com:8081,     wss://doppler.example.com:8081",
        "traffic_controller:8081,      wss://traffic_controller:8081",
        "localhost:8081,               ws://localhost:8081",
        "127.0.0.2,                    ws://127.0.0.2:8081",
        "[::1],                        ws://[::1]:8081",
    })
    void speaksTlsUnlessTheSchemeOrTheMachineItselfSaysOtherwise(String text, String url) {
        assertThat(Address.parse(text, Bare.TLS_UNLESS_LOOPBACK, 8081)).hasToString(url);
    }

    @Test
    void certificatesOrPlaintextSettleABareAddress() {
        assertThat(Address.parse("localhost:1", Bare.TLS, 8081)).hasToString("wss://localhost:1");
        assertThat(Address.parse("example.com", Bare.PLAIN, 8081)).hasToString("ws://example.com:8081");
        assertThat(Address.parse("ws://localhost:1", Bare.TLS, 8081)).hasToString("ws://localhost:1");
    }

    @Test
    void tlsAndPlaintextContradictEachOther() {
        assertThatThrownBy(() -> Address.parse("wss://example.com", Bare.PLAIN, 8081))
                .hasMessageContaining("--plaintext");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":8081",
                "ws://",
                "ftp://example.com",
                "example.com:0",
                "example.com:65536",
                "example.com:x",
                "example.com:",
                "::1",
                "[::1",
                "[::1]8081",
                "user@example.com",
                "a b",
                "ws://example.com?x",
                "exämple.com"
            })
    void whatIsNoAddressIsQuotedBack(String text) {
        assertThatThrownBy(() -> Address.parse(text, Bare.PLAIN, 8081))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void idsBecomeOneSegmentOfThePathWhateverTheyHold() {
        Address address = Address.parse("ws://example.com/base", Bare.PLAIN, 8081);
        assertThat(address.target("apps", "a b/ü?", "stream")).isEqualTo("/base/apps/a%20b%2F%C3%BC%3F/stream");
    }
}
