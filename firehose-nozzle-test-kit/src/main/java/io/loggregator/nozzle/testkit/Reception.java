package io.loggregator.nozzle.testkit;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.parsetools.RecordParser;
import java.nio.charset.StandardCharsets;

/** Reads the one request of a new connection, and hands on the parser behind it. */
final class Reception {
    private static final int LARGEST_PART = 128 << 10;
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final RecordParser parser = RecordParser.newDelimited(END_OF_HEAD);
    private final Wire wire;
    private final Guest guest;
    private Request request;

    /** Told of the request. */
    @FunctionalInterface
    interface Guest {
        /** @param rest of the connection; what it brings before it has an output is thrown away */
        void arrived(Request request, Wire wire, RecordParser rest);
    }

    Reception(Wire wire, Guest guest) {
        this.wire = wire;
        this.guest = guest;
        parser.maxRecordSize(LARGEST_PART);
        parser.exceptionHandler(tooLong -> refuse());
        parser.setOutput(this::read);
    }

    RecordParser parser() {
        return parser;
    }

    private void read(Buffer part) {
        try {
            if (request == null) {
                request = Request.ofHead(part.toString(StandardCharsets.UTF_8));
                int length = request.contentLength();
                if (length > 0) {
                    parser.fixedSizeMode(length);
                    return;
                }
            } else {
                request = request.with(part.toString(StandardCharsets.UTF_8));
            }
        } catch (IllegalArgumentException e) {
            refuse();
            return;
        }
        parser.setOutput(more -> {});
        guest.arrived(request, wire, parser);
    }

    private void refuse() {
        parser.setOutput(more -> {});
        Answer.status(400, "not a request that is understood here\n").give(wire, handshake -> {});
    }
}
