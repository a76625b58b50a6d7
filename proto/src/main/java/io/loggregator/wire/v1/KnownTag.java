package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.MapWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The tags that have a meaning in the conversion. Each has a small number, so that sets of them are bits. */
final class KnownTag {
    static final int UNKNOWN = -1;
    static final int ORIGIN = 0;
    static final int DEPLOYMENT = 1;
    static final int JOB = 2;
    static final int INDEX = 3;
    static final int IP = 4;
    static final int V1_TYPE = 5;
    static final int SOURCE_TYPE = 6;
    static final int SOURCE = 7;
    static final int CODE = 8;
    static final int REQUEST_ID = 9;
    static final int PEER_TYPE = 10;
    static final int METHOD = 11;
    static final int URI = 12;
    static final int REMOTE_ADDRESS = 13;
    static final int USER_AGENT = 14;
    static final int STATUS_CODE = 15;
    static final int CONTENT_LENGTH = 16;
    static final int ROUTING_INSTANCE_ID = 17;
    static final int FORWARDED = 18;
    static final int SOURCE_ID = 19;
    static final int INSTANCE_ID = 20;
    static final int COUNT = 21;

    /** What belongs to the envelope itself in v1. */
    static final int OF_ENVELOPE = 1 << ORIGIN | 1 << DEPLOYMENT | 1 << JOB | 1 << INDEX | 1 << IP | 1 << V1_TYPE;

    static final int OF_LOG = 1 << SOURCE_TYPE;
    static final int OF_ERROR = 1 << SOURCE | 1 << CODE;

    /** What belongs to an HttpStartStop in v1: everything from the request id to forwarded. */
    static final int OF_HTTP = (1 << (FORWARDED + 1)) - (1 << REQUEST_ID);

    private static final String[] NAMES = {
        "origin",
        "deployment",
        "job",
        "index",
        "ip",
        "__v1_type",
        "source_type",
        "source",
        "code",
        "request_id",
        "peer_type",
        "method",
        "uri",
        "remote_address",
        "user_agent",
        "status_code",
        "content_length",
        "routing_instance_id",
        "forwarded",
        "source_id",
        "instance_id"
    };

    private static final byte[][] KEYS = new byte[COUNT][];
    private static final int[][] BY_LENGTH = new int[20][];

    static {
        for (int tag = 0; tag < COUNT; tag++) {
            KEYS[tag] = NAMES[tag].getBytes(StandardCharsets.US_ASCII);
        }
        for (int length = 0; length < BY_LENGTH.length; length++) {
            int wanted = length;
            BY_LENGTH[length] = IntStream.range(0, COUNT)
                    .filter(tag -> KEYS[tag].length == wanted)
                    .toArray();
        }
    }

    private KnownTag() {}

    /** The number of the tag with this key, or {@link #UNKNOWN}. */
    static int of(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length >= BY_LENGTH.length) {
            return UNKNOWN;
        }
        for (int tag : BY_LENGTH[length]) {
            byte[] key = KEYS[tag];
            if (bytes[from] == key[0] && Arrays.equals(bytes, from, to, key, 0, length)) {
                return tag;
            }
        }
        return UNKNOWN;
    }

    /** Writes the map entry of a known tag. */
    static void entry(MapWriter map, ByteSink out, int tag, byte[] values, int start, int end) {
        byte[] key = KEYS[tag];
        map.entry(out, key, 0, key.length, values, start, end);
    }
}
