package io.loggregator.endtoend;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import org.cloudfoundry.dropsonde.events.EventFactory;

/** What listens to a v1 stream: puts the pieces of each message together and hands over the envelope in it. */
abstract class EnvelopeListener implements WebSocket.Listener {
    private static final int LARGEST = 256 * 1024;

    private final ByteBuffer message = ByteBuffer.allocate(LARGEST);

    abstract void take(EventFactory.Envelope envelope);

    /** A message was no envelope. */
    abstract void broken(IOException problem);

    @Override
    public void onOpen(WebSocket opened) {
        opened.request(Long.MAX_VALUE);
    }

    @Override
    public final CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        message.put(data);
        if (last) {
            message.flip();
            try {
                take(EventFactory.Envelope.parseFrom(CodedInputStream.newInstance(message)));
            } catch (IOException e) {
                broken(e);
            }
            message.clear();
        }
        return null;
    }
}
