package io.loggregator.nozzle.websocket;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Status and headers of an HTTP answer.
 *
 * @param headers by lower-case name; of several with one name the last
 */
record HttpHead(int status, Map<String, String> headers) {
    private static final int LONGEST = 32 << 10;
    private static final int LONGEST_BODY = 1024;

    /**
     * Reads up to the end of the headers, and nothing of what follows.
     *
     * @param millis that all of it may take
     */
    static HttpHead read(InputStream in, int millis) throws IOException {
        long deadline = System.nanoTime() + millis * 1_000_000L;
        ByteArrayOutputStream head = new ByteArrayOutputStream(512);
        int ends = 0;
        // Byte by byte, once a connection: what follows is somebody else's.
        while (ends < 2) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection ended before the server had answered");
            }
            if (head.size() == LONGEST) {
                throw new Violation("an answer with headers of more than " + LONGEST + " bytes");
            }
            // A byte now and then is no answer either.
            if (System.nanoTime() - deadline > 0) {
                throw new SocketTimeoutException("no whole answer within " + millis + " ms");
            }
            head.write(next);
            ends = next == '\n' ? ends + 1 : next == '\r' ? ends : 0;
        }
        String[] lines = head.toString(StandardCharsets.ISO_8859_1).split("\r?\n");
        return new HttpHead(status(lines[0]), headers(lines));
    }

    private static int status(String line) throws Violation {
        if (!line.matches("HTTP/1\\.[01] [1-9][0-9][0-9]( .*)?")) {
            throw new Violation("an answer that is not HTTP/1.1");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static Map<String, String> headers(String[] lines) {
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.put(
                        lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
        }
        return headers;
    }

    /** The first words of the body, if its length is told. */
    String bodyText(InputStream in) {
        String length = headers.getOrDefault("content-length", "0");
        if (!length.matches("[0-9]{1,9}")) {
            return "";
        }
        try {
            byte[] body = in.readNBytes(Math.min(LONGEST_BODY, Integer.parseInt(length)));
            return new String(body, StandardCharsets.UTF_8)
                    .replaceAll("\\p{Cntrl}+", " ")
                    .strip();
        } catch (IOException e) {
            // The status is known, and says more than that its text got lost.
            return "";
        }
    }
}
