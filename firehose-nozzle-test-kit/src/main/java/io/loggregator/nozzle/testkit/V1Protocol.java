package io.loggregator.nozzle.testkit;

import io.loggregator.stream.notice.LossNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.V1Output;
import io.loggregator.wire.v1.V1Renderer;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/** A v1 envelope in each binary frame, and after each batch a Ping whose Pong confirms it, as the Traffic Controller does. */
final class V1Protocol implements Protocol {
    /** What v1 clients are sent at most. */
    private static final int LARGEST_ENVELOPE = 65_526;

    private final ClientConnection connection;
    private final String app;
    private final V1Renderer renderer = new V1Renderer(LARGEST_ENVELOPE);
    private final V1Output frames = new V1Output() {
        @Override
        protected void finished(int from, int to) {
            connection.writeMessage(Arrays.copyOfRange(bytes, from, to));
            end = 0;
        }
    };

    private long mark;
    private long lost;

    /** @param app that notices of loss are put under */
    V1Protocol(ClientConnection connection, String app) {
        this.connection = connection;
        this.app = app;
    }

    @Override
    public void message(boolean text, byte[] payload) {
        // Read and thrown away.
    }

    @Override
    public void pong(byte[] payload) {
        if (payload.length == Long.BYTES) {
            connection.acknowledge(Buffer.buffer(payload).getLong(0));
        }
    }

    @Override
    public boolean takes(Item item) {
        return true;
    }

    @Override
    public long write(Item item) {
        if (item instanceof Item.Batch batch) {
            BatchCursor cursor = new BatchCursor(false).over(batch.bytes(), 0, batch.bytes().length);
            while (cursor.next()) {
                renderer.render(batch.bytes(), cursor.envelopeStart(), cursor.envelopeEnd(), frames);
            }
        } else if (item instanceof Item.Lagging lagging) {
            lagging.notice(app).v1().forEach(connection::writeMessage);
        } else if (item instanceof Item.Loss loss) {
            lost += loss.count();
            new LossNotice(
                            Selection.ALL,
                            app,
                            loss.count(),
                            lost,
                            loss.firstMillis(),
                            loss.lastMillis(),
                            loss.reason(),
                            "the client")
                    .v1()
                    .forEach(connection::writeMessage);
        }
        mark++;
        connection.writeFrame(
                true, Frames.PING, Buffer.buffer().appendLong(mark).getBytes());
        return mark;
    }
}
