package io.loggregator.cli.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The answer of {@code recentlogs}: {@code multipart/x-protobuf; boundary=B}, whose parts have, other than RFC 2046
 * leads one to expect, no headers.
 *
 * @param status the HTTP status
 * @param body for another status than 200, what the server said
 * @param parts for 200, the payloads
 */
record MultipartAnswer(int status, Buffer body, List<byte[]> parts) {
    /** A hundred logs of the largest size, with room. */
    static final int MAX_BYTES = 32 << 20;

    private static final String BOUNDARY = "boundary=";

    /** Fails with {@link MalformedAnswer} for an answer that is too long or no multipart. */
    static Future<MultipartAnswer> read(HttpClientResponse response) {
        Promise<MultipartAnswer> answer = Promise.promise();
        Buffer body = Buffer.buffer();
        response.handler(piece -> {
            if (body.length() + piece.length() > MAX_BYTES) {
                answer.tryFail(new MalformedAnswer("the answer is longer than " + (MAX_BYTES >> 20) + " MiB"));
                var unused = response.request().connection().close();
            } else {
                body.appendBuffer(piece);
            }
        });
        response.exceptionHandler(answer::tryFail);
        response.endHandler(end -> {
            try {
                answer.tryComplete(of(response.statusCode(), response.getHeader("Content-Type"), body));
            } catch (MalformedAnswer malformed) {
                answer.tryFail(malformed);
            }
        });
        return answer.future();
    }

    private static MultipartAnswer of(int status, String contentType, Buffer body) {
        if (status != 200) {
            return new MultipartAnswer(status, body, List.of());
        }
        int start = contentType == null ? -1 : contentType.indexOf(BOUNDARY);
        if (start < 0) {
            throw new MalformedAnswer("the answer is no multipart with a boundary, but " + contentType);
        }
        String boundary = contentType.substring(start + BOUNDARY.length()).strip();
        if (boundary.length() >= 2 && boundary.startsWith("\"") && boundary.endsWith("\"")) {
            boundary = boundary.substring(1, boundary.length() - 1);
        }
        if (boundary.isEmpty()) {
            throw new MalformedAnswer("the answer's boundary is empty");
        }
        return new MultipartAnswer(status, Buffer.buffer(), split(body.getBytes(), boundary));
    }

    /** Cuts a body into the payloads of its parts; headers of a part, should it have any, are skipped. */
    static List<byte[]> split(byte[] body, String boundary) {
        byte[] delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        List<byte[]> parts = new ArrayList<>();
        // The first delimiter of a body with parts has no line end before it.
        int at = matches(body, 0, delimiter, 2) ? delimiter.length - 2 : find(body, 0, delimiter) + delimiter.length;
        if (at < delimiter.length - 2) {
            throw new MalformedAnswer("the answer does not hold its boundary");
        }
        while (!(at + 1 < body.length && body[at] == '-' && body[at + 1] == '-')) {
            int payload = payloadStart(body, at);
            int end = find(body, payload, delimiter);
            if (end < 0) {
                throw new MalformedAnswer("the answer ends in the middle of a part");
            }
            byte[] part = new byte[end - payload];
            System.arraycopy(body, payload, part, 0, part.length);
            parts.add(part);
            at = end + delimiter.length;
        }
        return parts;
    }

    private static int payloadStart(byte[] body, int afterDelimiter) {
        int line = afterDelimiter;
        // The rest of the delimiter's line, headers, an empty line.
        boolean first = true;
        while (true) {
            int end = find(body, line, new byte[] {'\r', '\n'});
            if (end < 0) {
                throw new MalformedAnswer("the answer ends in the middle of a part");
            }
            if (end == line && !first) {
                return end + 2;
            }
            first = false;
            line = end + 2;
        }
    }

    private static int find(byte[] body, int from, byte[] wanted) {
        for (int at = from; at <= body.length - wanted.length; at++) {
            if (matches(body, at, wanted, 0)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean matches(byte[] body, int at, byte[] wanted, int skip) {
        if (at + wanted.length - skip > body.length) {
            return false;
        }
        for (int i = skip; i < wanted.length; i++) {
            if (body[at + i - skip] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
