package io.loggregator.cli.emit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    @Test
    void cutsAtLineEndsOfBothKinds() throws IOException {
        assertThat(lines("one\ntwo\r\n\nlast", 100, 100)).containsExactly("one", "two", "", "last");
        assertThat(lines("one\n", 100, 100)).containsExactly("one");
        assertThat(lines("", 100, 100)).isEmpty();
    }

    @Test
    void aLineOfExactlyTheLimitStaysWhole() throws IOException {
        assertThat(lines("12345678\nx\n", 8, 100)).containsExactly("12345678", "x");
    }

    @Test
    void aLongerLineComesInPiecesThatEndBetweenCharacters() throws IOException {
        assertThat(lines("1234567ü90\nx", 8, 100)).containsExactly("1234567", "ü90", "x");
        assertThat(lines("12345678901234567", 8, 100)).containsExactly("12345678", "90123456", "7");
    }

    @Property(tries = 300)
    void losesNothingHoweverTheBytesArrive(
            @ForAll byte[] bytes,
            @ForAll @IntRange(min = 1, max = 9) int chunk,
            @ForAll @IntRange(min = 8, max = 20) int max)
            throws IOException {
        ByteString withoutEnds = ByteString.EMPTY;
        for (ByteString line : read(bytes, max, chunk)) {
            assertThat(line.size()).isLessThanOrEqualTo(max);
            withoutEnds = withoutEnds.concat(line);
        }
        assertThat(stripped(withoutEnds.toByteArray())).isEqualTo(stripped(bytes));
    }

    private static List<Byte> stripped(byte[] bytes) {
        List<Byte> kept = new ArrayList<>();
        for (byte b : bytes) {
            if (b != '\n' && b != '\r') {
                kept.add(b);
            }
        }
        return kept;
    }

    private static List<String> lines(String text, int max, int chunk) throws IOException {
        return read(text.getBytes(UTF_8), max, chunk).stream()
                .map(ByteString::toStringUtf8)
                .toList();
    }

    private static List<ByteString> read(byte[] bytes, int max, int chunk) throws IOException {
        InputStream trickle = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(length, chunk));
            }
        };
        LineReader reader = new LineReader(trickle, max);
        List<ByteString> lines = new ArrayList<>();
        for (ByteString line = reader.next(); line != null; line = reader.next()) {
            lines.add(line);
        }
        return lines;
    }
}
