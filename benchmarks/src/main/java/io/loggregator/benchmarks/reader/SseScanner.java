package io.loggregator.benchmarks.reader;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loggregator.benchmarks.load.Stamp;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Cuts the body of {@code /v2/read} into events, and finds the stamps of the load's logs in their JSON where they lie. Only
 * data in which there is something else are parsed. An event that is cut off never was.
 */
final class SseScanner {
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ID = "id: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BATCH = "\"batch\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] PAYLOAD = "\"payload\":\"".getBytes(StandardCharsets.US_ASCII);
    /** As much base64 as holds a stamp: whole groups of four characters for three bytes. */
    private static final int STAMP_CHARACTERS = (Stamp.LENGTH + 2) / 3 * 4;

    private static final int LONGEST_EVENT = 64 << 20;
    private static final byte[] VALUES = values();

    private final Checker checker;
    private final LastEvent last;
    private final ObjectMapper json = new ObjectMapper();
    private final byte[] stamp = new byte[STAMP_CHARACTERS / 4 * 3];
    private byte[] bytes = new byte[1 << 10];
    private int end;
    private int looked;

    SseScanner(Checker checker, LastEvent last) {
        this.checker = checker;
        this.last = last;
    }

    private static byte[] values() {
        byte[] values = new byte[128];
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < 64; i++) {
            values["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".charAt(i)] = (byte) i;
        }
        return values;
    }

    /** Takes the next bytes of the body, all of them, and looks at the events that are complete. */
    void read(ByteBuf chunk, long nowNanos) {
        int length = chunk.readableBytes();
        if (length > bytes.length - end) {
            if (end + length > LONGEST_EVENT) {
                throw new IllegalStateException("an event without an end");
            }
            bytes = Arrays.copyOf(bytes, Math.max(end + length, bytes.length * 2));
        }
        chunk.readBytes(bytes, end, length);
        end += length;
        int start = 0;
        for (int newline = newline(looked); newline >= 0; newline = newline(newline + 1)) {
            if (newline == start || bytes[newline - 1] == '\n') {
                event(start, newline, nowNanos);
                start = newline + 1;
            }
        }
        System.arraycopy(bytes, start, bytes, 0, end - start);
        end -= start;
        looked = end;
    }

    private int newline(int from) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Takes the lines of an event, each with its end. */
    private void event(int from, int to, long nowNanos) {
        String id = "";
        for (int start = from; start < to; ) {
            int newline = newline(start);
            if (begins(start, newline, ID)) {
                id = new String(bytes, start + ID.length, newline - start - ID.length, StandardCharsets.ISO_8859_1);
            } else if (begins(start, newline, DATA)) {
                data(start + DATA.length, newline, nowNanos);
            }
            start = newline + 1;
        }
        if (!id.isEmpty()) {
            last.is(id);
        }
    }

    private boolean begins(int from, int to, byte[] wanted) {
        return to - from >= wanted.length && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
    }

    private void data(int at, int to, long nowNanos) {
        if (find(BATCH, at, to) < 0) {
            // A heartbeat's seconds.
            return;
        }
        // The reader asks for logs only, so each envelope has a payload.
        int logs = 0;
        boolean strange = false;
        for (int payload = find(PAYLOAD, at, to); payload >= 0; payload = find(PAYLOAD, payload, to)) {
            logs++;
            strange |= !(decode(payload, to) && checker.log(stamp, 0, stamp.length, nowNanos));
        }
        if (strange || logs == 0) {
            others(at, to);
        }
    }

    /** Where what is looked for ends; -1 if it is not there. */
    private int find(byte[] wanted, int from, int to) {
        byte first = wanted[0];
        byte second = wanted[1];
        for (int i = from; i <= to - wanted.length; i++) {
            if (bytes[i] == first
                    && bytes[i + 1] == second
                    && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i + wanted.length;
            }
        }
        return -1;
    }

    private boolean decode(int at, int to) {
        if (to - at < STAMP_CHARACTERS) {
            return false;
        }
        for (int i = 0, out = 0; i < STAMP_CHARACTERS; i += 4, out += 3) {
            int group = value(at + i) << 18 | value(at + i + 1) << 12 | value(at + i + 2) << 6 | value(at + i + 3);
            if (group < 0) {
                return false;
            }
            stamp[out] = (byte) (group >> 16);
            stamp[out + 1] = (byte) (group >> 8);
            stamp[out + 2] = (byte) group;
        }
        return true;
    }

    private int value(int at) {
        return bytes[at] < 0 ? -1 : VALUES[bytes[at]];
    }

    /** Takes what is nothing of the load out of a line. */
    private void others(int from, int to) {
        try {
            for (JsonNode envelope : json.readTree(bytes, from, to - from).path("batch")) {
                byte[] payload = Base64.getDecoder()
                        .decode(envelope.path("log").path("payload").asText());
                if (Stamp.at(payload, 0, payload.length)) {
                    continue;
                }
                boolean notice =
                        envelope.path("tags").path("source_type").asText().equals("LGR");
                checker.other(notice ? Announced.inPayload(payload) : Announced.NOTHING);
            }
        } catch (IOException | IllegalArgumentException broken) {
            checker.other(Announced.NOTHING);
        }
    }
}
