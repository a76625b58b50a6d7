package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.edge.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An HTTP/1.1 client of a stream, which sees every byte. */
public final class SseClient implements AutoCloseable {
    final RawClient raw;
    public final int status;
    final List<String> head = new ArrayList<>();
    private final StringBuilder unread = new StringBuilder();
    private boolean over;

    public SseClient(RawClient raw, String query, String... headers) throws IOException {
        this.raw = raw;
        StringBuilder request = new StringBuilder("GET /v2/read" + query + " HTTP/1.1\r\nHost: x\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        raw.send(request.append("\r\n").toString());
        status = Integer.parseInt(raw.line().split(" ")[1]);
        for (String line = raw.line(); !line.isEmpty(); line = raw.line()) {
            head.add(line);
        }
    }

    /** The next line of the body, without its end; null at the end of the body. */
    public String line() throws IOException {
        int end = unread.indexOf("\n");
        while (end < 0) {
            if (!more()) {
                return null;
            }
            end = unread.indexOf("\n");
        }
        String line = unread.substring(0, end);
        unread.delete(0, end + 1);
        return new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** The next chunk; false at the end. */
    private boolean more() throws IOException {
        if (over) {
            return false;
        }
        int length = Integer.parseInt(raw.line(), 16);
        over = length == 0;
        unread.append(raw.bytes(length));
        raw.bytes(2);
        return !over;
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
