package io.loggregator.nozzle.testkit;

import io.loggregator.stream.notice.LossNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.JsonRenderer;
import java.nio.charset.StandardCharsets;

/**
 * The events of {@code /v2/read}: each batch is one, as JSON, and word of a loss is a batch of its own. What is written is
 * confirmed, as the Traffic Controller sees it.
 */
final class EventsProtocol implements Protocol {
    private static final int LARGEST = 64 << 20;

    private final ClientConnection connection;
    private final String source;
    private final boolean ids;
    private final JsonRenderer renderer = new JsonRenderer();
    private long mark;
    private long lost;

    /**
     * @param source that notices of loss are put under
     * @param ids whether the stream has any
     */
    EventsProtocol(ClientConnection connection, String source, boolean ids) {
        this.connection = connection;
        this.source = source;
        this.ids = ids;
    }

    @Override
    public void message(boolean text, byte[] payload) {
        // There is no way to say anything.
    }

    @Override
    public void pong(byte[] payload) {
        // Nor for this.
    }

    @Override
    public boolean takes(Item item) {
        return true;
    }

    @Override
    public long write(Item item) {
        if (item instanceof Item.Batch batch) {
            event(item, batch.bytes());
        } else if (item instanceof Item.Lagging lagging) {
            event(item, lagging.notice(source).v2());
        } else if (item instanceof Item.Loss loss) {
            lost += loss.count();
            LossNotice notice = new LossNotice(
                    Selection.ALL,
                    source,
                    loss.count(),
                    lost,
                    loss.firstMillis(),
                    loss.lastMillis(),
                    loss.reason(),
                    "the client");
            event(item, notice.v2());
        }
        return ++mark;
    }

    private void event(Item item, byte[] batch) {
        ByteSink json = new ByteSink(LARGEST);
        ascii(json, ids ? "id: " + ScriptedStream.position(item.index() + 1) + "\n" : "");
        ascii(json, "data: {\"batch\":[");
        BatchRecords records = new BatchRecords().over(batch, 0, batch.length);
        boolean first = true;
        while (records.next()) {
            ascii(json, first ? "" : ",");
            first = false;
            renderer.render(batch, records.start(), records.end(), json);
        }
        ascii(json, "]}\n\n");
        connection.writeEvents(json.bytes(), json.end());
    }

    private static void ascii(ByteSink to, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        to.raw(bytes, 0, bytes.length);
    }
}
