package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.ProtoBytes;
import io.loggregator.wire.Utf8;
import java.util.Arrays;

/**
 * Everything a v1 envelope says, read where it lies and by hand: enum numbers that are not known pass, as they do in
 * the Go release. An envelope or message without a field that v1 requires is refused, and so is text that is not
 * UTF-8, which v2 cannot carry. One object serves any number of envelopes.
 */
final class V1Envelope {
    static final int HTTP_START_STOP = 4;
    static final int LOG_MESSAGE = 5;
    static final int VALUE_METRIC = 6;
    static final int COUNTER_EVENT = 7;
    static final int ERROR = 8;
    static final int CONTAINER_METRIC = 9;

    // Fields of the envelope, by number.
    static final int ORIGIN = 1;
    static final int DEPLOYMENT = 13;
    static final int JOB = 14;
    static final int INDEX = 15;
    static final int IP = 16;
    private static final int EVENT_TYPE = 2;
    private static final int TIMESTAMP = 6;
    private static final int TAGS = 17;
    private static final int FIELDS = 18;
    private static final int OWN_TEXTS = 1 << ORIGIN | 1 << DEPLOYMENT | 1 << JOB | 1 << INDEX | 1 << IP;

    // A message lies in the field whose number is three above that of its event type.
    private static final int TO_FIELD = 3;

    // By event type, from HttpStartStop: sets of its fields, bits by field number.
    private static final int[] REQUIRED = {0x7FE, 0x0E, 0x0E, 0x06, 0x0E, 0x3E};
    private static final int[] TEXTS = {0xC1C0, 0x70, 0x0A, 0x02, 0x02, 0x02};
    // v2 tells these as bytes: anything will do.
    private static final int[] BYTES = {0, 0x02, 0, 0, 0x08, 0};
    private static final int[] VARINTS = {0x2636, 0x0C, 0, 0x0C, 0x04, 0xF4};
    private static final int[] DOUBLES = {0, 0, 0x04, 0, 0, 0x08};

    // Fields of HttpStartStop that are more than one number or text.
    private static final int REQUEST_ID = 3;
    private static final int APPLICATION_ID = 12;
    private static final int FORWARDED = 15;

    final TagTable tags;

    /** The lines of an HttpStartStop's {@code forwarded}, joined by newlines. */
    final ByteSink forwarded;

    byte[] bytes = {};
    int eventType;
    long timestamp;
    long requestIdLow;
    long requestIdHigh;
    long applicationIdLow;
    long applicationIdHigh;

    private final int[] ownStart = new int[FIELDS];
    private final int[] ownEnd = new int[FIELDS];
    private final int[] start = new int[FIELDS];
    private final int[] end = new int[FIELDS];
    private final long[] number = new long[FIELDS];
    private final int[] seen = new int[CONTAINER_METRIC + 1];
    private boolean hasMessage;
    private long uuidLow;
    private long uuidHigh;

    /** @param limit how many bytes an envelope has at most */
    V1Envelope(int limit) {
        tags = new TagTable(limit);
        forwarded = new ByteSink(limit);
    }

    /** Reads an envelope; false if it is not one. */
    boolean read(byte[] source, int from, int to) {
        bytes = source;
        eventType = 0;
        timestamp = 0;
        requestIdLow = 0;
        requestIdHigh = 0;
        applicationIdLow = 0;
        applicationIdHigh = 0;
        hasMessage = false;
        forwarded.reset();
        tags.reset(source);
        Arrays.fill(ownStart, from);
        Arrays.fill(ownEnd, from);
        Arrays.fill(start, from);
        Arrays.fill(end, from);
        Arrays.fill(number, 0);
        Arrays.fill(seen, 0);
        // The messages wait until the event type is known, wherever it stands.
        return readOwn(from, to) && readMessages(from, to) && !tags.tooMany();
    }

    private boolean readOwn(int from, int to) {
        int present = 0;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int field = ProtoBytes.low(tag) >>> 3;
            int wireType = ProtoBytes.low(tag) & 7;
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, value, to, ProtoBytes.low(tag), 0);
            if (p < 0) {
                return false;
            }
            if (wireType == ProtoBytes.DELIMITED && in(OWN_TEXTS, field)) {
                ownStart[field] = ProtoBytes.high(ProtoBytes.span(bytes, value, to));
                ownEnd[field] = p;
                present |= 1 << field;
                if (!Utf8.valid(bytes, ownStart[field], p)) {
                    return false;
                }
            } else if (wireType == ProtoBytes.DELIMITED && field == TAGS) {
                if (!tags.tag(ProtoBytes.high(ProtoBytes.span(bytes, value, to)), p)) {
                    return false;
                }
            } else if (wireType == ProtoBytes.VARINT && field == EVENT_TYPE) {
                eventType = (int) ProtoBytes.varint(bytes, value, p);
                present |= 1 << EVENT_TYPE;
            } else if (wireType == ProtoBytes.VARINT && field == TIMESTAMP) {
                timestamp = ProtoBytes.varint(bytes, value, p);
            }
        }
        return in(present, ORIGIN) && in(present, EVENT_TYPE);
    }

    // The fields are sound by now.
    private boolean readMessages(int from, int to) {
        int p = from;
        int present = 0;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, value, to, ProtoBytes.low(tag), 0);
            int type = (ProtoBytes.low(tag) >>> 3) - TO_FIELD;
            if ((ProtoBytes.low(tag) & 7) == ProtoBytes.DELIMITED
                    && type >= HTTP_START_STOP
                    && type <= CONTAINER_METRIC) {
                present |= 1 << type;
                hasMessage |= type == eventType;
                if (!readMessage(type, ProtoBytes.high(ProtoBytes.span(bytes, value, to)), p)) {
                    return false;
                }
            }
        }
        for (int type = HTTP_START_STOP; type <= CONTAINER_METRIC; type++) {
            int required = REQUIRED[type - HTTP_START_STOP];
            if (in(present, type) && (seen[type] & required) != required) {
                return false;
            }
        }
        return true;
    }

    private boolean readMessage(int type, int from, int to) {
        int of = type - HTTP_START_STOP;
        boolean wanted = type == eventType;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int field = ProtoBytes.low(tag) >>> 3;
            int wireType = ProtoBytes.low(tag) & 7;
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, value, to, ProtoBytes.low(tag), 1);
            if (p < 0) {
                return false;
            }
            if (wireType == ProtoBytes.DELIMITED) {
                int at = ProtoBytes.high(ProtoBytes.span(bytes, value, to));
                if (!readDelimited(type, field, at, p)) {
                    return false;
                }
            } else if (wireType == ProtoBytes.VARINT && in(VARINTS[of], field)) {
                seen[type] |= 1 << field;
                number[field] = wanted ? ProtoBytes.varint(bytes, value, p) : number[field];
            } else if (wireType == ProtoBytes.FIXED64 && in(DOUBLES[of], field)) {
                seen[type] |= 1 << field;
                number[field] = wanted ? ProtoBytes.long64(bytes, value) : number[field];
            }
        }
        return true;
    }

    private boolean readDelimited(int type, int field, int from, int to) {
        boolean wanted = type == eventType;
        boolean isText = in(TEXTS[type - HTTP_START_STOP], field);
        if (isText || in(BYTES[type - HTTP_START_STOP], field)) {
            if (isText && !Utf8.valid(bytes, from, to)) {
                return false;
            }
            if (wanted && type == HTTP_START_STOP && field == FORWARDED) {
                if (in(seen[type], FORWARDED)) {
                    forwarded.raw('\n');
                }
                forwarded.raw(bytes, from, to);
            } else if (wanted) {
                start[field] = from;
                end[field] = to;
            }
            seen[type] |= 1 << field;
        } else if (type == HTTP_START_STOP && (field == REQUEST_ID || field == APPLICATION_ID)) {
            if (!readUuid(from, to)) {
                return false;
            }
            seen[type] |= 1 << field;
            if (wanted && field == REQUEST_ID) {
                requestIdLow = uuidLow;
                requestIdHigh = uuidHigh;
            } else if (wanted) {
                applicationIdLow = uuidLow;
                applicationIdHigh = uuidHigh;
            }
        }
        return true;
    }

    private boolean readUuid(int from, int to) {
        int present = 0;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, value, to, ProtoBytes.low(tag), 2);
            if (p < 0) {
                return false;
            }
            if (ProtoBytes.low(tag) == (1 << 3 | ProtoBytes.VARINT)) {
                uuidLow = ProtoBytes.varint(bytes, value, p);
                present |= 1;
            } else if (ProtoBytes.low(tag) == (2 << 3 | ProtoBytes.VARINT)) {
                uuidHigh = ProtoBytes.varint(bytes, value, p);
                present |= 2;
            }
        }
        return present == 3;
    }

    private static boolean in(int set, int field) {
        return field < 32 && (set >>> field & 1) != 0;
    }

    /** Whether the message that the event type announces is there. */
    boolean hasMessage() {
        return hasMessage;
    }

    /** Where one of the envelope's own texts lies; empty if it is absent. */
    int ownStart(int field) {
        return ownStart[field];
    }

    int ownEnd(int field) {
        return ownEnd[field];
    }

    /** Where a text of the message lies; empty if it is absent. */
    int start(int field) {
        return start[field];
    }

    int end(int field) {
        return end[field];
    }

    /** A number of the message, of a double its bits; 0 if it is absent. */
    long number(int field) {
        return number[field];
    }

    /** A number of the message that v1 has as an int32 or enum. */
    int int32(int field) {
        return (int) number[field];
    }
}
