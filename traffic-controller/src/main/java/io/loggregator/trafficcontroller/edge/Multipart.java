package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Iterator;

/**
 * The multipart form of recent logs and container metrics, byte for byte as clients cut it apart: parts have no headers,
 * and the boundary ends the content type, without quotes. Written piece by piece, as fast as the client reads.
 */
final class Multipart {
    private static final int PIECE_BYTES = 32 * 1024;
    private static final byte[] BLANK_LINE = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    // Not to be guessed: an app that knew the boundary could write log lines that look like parts.
    private static final SecureRandom RANDOM = new SecureRandom();

    private final HttpServerResponse response;
    private final byte[] delimiter;
    private Iterator<byte[]> parts;
    private final Promise<Void> sent = Promise.promise();
    private boolean first = true;

    private Multipart(HttpServerResponse response, Iterator<byte[]> parts) {
        byte[] random = new byte[30];
        RANDOM.nextBytes(random);
        String boundary = HexFormat.of().formatHex(random);
        this.response = response;
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII);
        this.parts = parts;
        response.putHeader(HttpHeaders.CONTENT_TYPE, "multipart/x-protobuf; boundary=" + boundary);
        response.setChunked(true);
    }

    /** Answers with the parts; the future ends with the answer, and fails if the client goes away before. */
    static Future<Void> send(HttpServerResponse response, Iterator<byte[]> parts) {
        Multipart multipart = new Multipart(response, parts);
        // The connection remembers its last response, and that its handlers.
        multipart.sent.future().onComplete(over -> multipart.parts = Collections.emptyIterator());
        response.exceptionHandler(multipart.sent::tryFail);
        multipart.write();
        return multipart.sent.future();
    }

    private void write() {
        while (!response.closed()) {
            Buffer piece = piece();
            if (!parts.hasNext()) {
                piece.appendBytes(delimiter).appendString("--\r\n");
                response.end(piece).onComplete(ended -> {
                    if (ended.succeeded()) {
                        sent.tryComplete();
                    } else {
                        sent.tryFail(ended.cause());
                    }
                });
                return;
            }
            response.write(piece);
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> write());
                return;
            }
        }
        sent.tryFail("the client has gone");
    }

    /** Whole parts, until they are worth writing. */
    private Buffer piece() {
        Buffer piece = Buffer.buffer();
        while (parts.hasNext() && piece.length() < PIECE_BYTES) {
            if (first) {
                piece.appendBytes(delimiter, 2, delimiter.length - 2);
                first = false;
            } else {
                piece.appendBytes(delimiter);
            }
            piece.appendBytes(BLANK_LINE).appendBytes(parts.next());
        }
        return piece;
    }
}
