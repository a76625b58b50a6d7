package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.V2Envelope;

/** Writes a v2 timer as the v1 HttpStartStop that its tags describe. */
final class HttpBody {
    private HttpBody() {}

    /** Whether the timer has the request id without which v1 cannot express it. */
    static boolean possible(V2Envelope<TagTable> timer) {
        TagTable tags = timer.tags();
        return tags.find(KnownTag.REQUEST_ID) && UuidText.isUuid(tags.source(), tags.start(), tags.end());
    }

    /** Writes the message without its tag and length. Only if {@link #possible}. */
    static void write(V2Envelope<TagTable> timer, ByteSink out) {
        TagTable tags = timer.tags();
        out.varint(1 << 3, timer.second()).varint(2 << 3, timer.third());
        tags.find(KnownTag.REQUEST_ID);
        uuid(3 << 3 | 2, tags.source(), tags.start(), out);
        // A number that v1 does not define would end the stream of some readers: Client and GET stand for the unknown.
        tags.find(KnownTag.PEER_TYPE);
        int peerType = HttpNames.peerType(tags.source(), tags.start(), tags.end());
        out.varint(4 << 3, peerType == 0 ? HttpNames.CLIENT : peerType);
        tags.find(KnownTag.METHOD);
        int method = HttpNames.method(tags.source(), tags.start(), tags.end());
        out.varint(5 << 3, method == 0 ? HttpNames.GET : method);
        tags.write(KnownTag.URI, 6 << 3 | 2, out);
        tags.write(KnownTag.REMOTE_ADDRESS, 7 << 3 | 2, out);
        tags.write(KnownTag.USER_AGENT, 8 << 3 | 2, out);
        tags.find(KnownTag.STATUS_CODE);
        int statusCode = (int) NumberText.int64(tags.source(), tags.start(), tags.end());
        out.varint(9 << 3, statusCode);
        tags.find(KnownTag.CONTENT_LENGTH);
        out.varint(10 << 3, NumberText.int64(tags.source(), tags.start(), tags.end()));
        if (UuidText.isUuid(timer.bytes(), timer.sourceIdStart(), timer.sourceIdEnd())) {
            uuid(12 << 3 | 2, timer.bytes(), timer.sourceIdStart(), out);
        }
        out.varint(13 << 3, NumberText.int32(timer.bytes(), timer.instanceIdStart(), timer.instanceIdEnd()));
        tags.write(KnownTag.ROUTING_INSTANCE_ID, 14 << 3 | 2, out);
        forwarded(tags, out);
    }

    private static void uuid(int field, byte[] text, int from, ByteSink out) {
        long low = UuidText.low(text, from);
        long high = UuidText.high(text, from);
        out.open(field, UuidText.messageSize(low, high)).varint(1 << 3, low).varint(2 << 3, high);
    }

    // One line each; an absent tag is one empty line.
    private static void forwarded(TagTable tags, ByteSink out) {
        tags.find(KnownTag.FORWARDED);
        byte[] source = tags.source();
        int line = tags.start();
        for (int p = line; p < tags.end(); p++) {
            if (source[p] == '\n') {
                out.delimited(15 << 3 | 2, source, line, p);
                line = p + 1;
            }
        }
        out.delimited(15 << 3 | 2, source, line, tags.end());
    }
}
