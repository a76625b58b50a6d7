package io.loggregator.trafficcontroller.router;

import io.loggregator.stream.Tally;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.BatchFraming;
import io.loggregator.wire.ByteSink;

/**
 * Batches of v2, as they are; only what a protobuf parser would refuse is left out, since what comes after this vouches
 * for it.
 */
final class V2Messages implements BatchSource {
    private final BatchCursor cursor = new BatchCursor(true);
    private final ByteSink rest = new ByteSink(Routers.LARGEST_MESSAGE);
    private final Tally envelopes;
    private final Tally malformed;
    private byte[] bytes;
    private int end;

    V2Messages(RouterCounters counters) {
        envelopes = counters.v2;
        malformed = counters.malformed;
    }

    @Override
    public boolean read(byte[] message) {
        if (!BatchFraming.sound(message, 0, message.length)) {
            malformed.add(1);
            return false;
        }
        int good = 0;
        int bad = 0;
        cursor.over(message, 0, message.length);
        while (cursor.next()) {
            if (cursor.valid()) {
                good++;
            } else {
                bad++;
            }
        }
        envelopes.add(good);
        malformed.add(bad);
        bytes = message;
        end = message.length;
        if (bad > 0) {
            leaveOut(message);
        }
        return good > 0;
    }

    private void leaveOut(byte[] message) {
        rest.reset();
        cursor.over(message, 0, message.length);
        while (cursor.next()) {
            if (cursor.valid()) {
                rest.raw(message, cursor.recordStart(), cursor.envelopeEnd());
            }
        }
        bytes = rest.bytes();
        end = rest.end();
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public int end() {
        return end;
    }
}
