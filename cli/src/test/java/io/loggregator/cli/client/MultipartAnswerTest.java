package io.loggregator.cli.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartAnswerTest {
    private static final String B = "0123456789abcdef";

    @Test
    void noPartsAreOnlyTheEnd() {
        assertThat(split("\r\n--" + B + "--\r\n")).isEmpty();
    }

    @Test
    void partsHaveNoHeaders() {
        assertThat(split("--" + B + "\r\n\r\none\r\n--" + B + "\r\n\r\ntwo\r\n--" + B + "--\r\n"))
                .containsExactly("one", "two");
    }

    @Test
    void headersAreSkippedShouldAPartHaveAny() {
        assertThat(split("--" + B + "\r\nContent-Type: x\r\nA: b\r\n\r\none\r\n--" + B + "--\r\n"))
                .containsExactly("one");
    }

    @Test
    void anEmptyPartIsOne() {
        assertThat(split("--" + B + "\r\n\r\n\r\n--" + B + "--\r\n")).containsExactly("");
    }

    @Property(tries = 200)
    void payloadsComeBackWhateverBytesTheyHold(@ForAll @Size(max = 6) List<byte[]> payloads) {
        StringBuilder body = new StringBuilder();
        for (byte[] payload : payloads) {
            body.append(body.isEmpty() ? "" : "\r\n")
                    .append("--" + B + "\r\n\r\n")
                    .append(new String(payload, ISO_8859_1));
        }
        body.append("\r\n--" + B + "--\r\n");
        assertThat(MultipartAnswer.split(body.toString().getBytes(ISO_8859_1), B))
                .usingElementComparator(java.util.Arrays::compare)
                .containsExactlyElementsOf(payloads);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nothing",
                "--" + B,
                "--" + B + "\r\n",
                "--" + B + "\r\n\r\n",
                "--" + B + "\r\n\r\none\r\n--",
                "--" + B + "\r\n\r\none\r\n--" + B,
                "\r\n--" + B + "-"
            })
    void aBodyThatIsCutIsAnError(String body) {
        assertThatThrownBy(() -> split(body)).isInstanceOf(MalformedAnswer.class);
    }

    private static List<String> split(String body) {
        return MultipartAnswer.split(body.getBytes(ISO_8859_1), B).stream()
                .map(part -> new String(part, ISO_8859_1))
                .toList();
    }
}
