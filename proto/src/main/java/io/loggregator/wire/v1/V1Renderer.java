package io.loggregator.wire.v1;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.MapWriter;
import io.loggregator.wire.MetricTable;
import io.loggregator.wire.Utf8;
import io.loggregator.wire.V2Envelope;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Writes v2 envelopes as the v1 envelopes that the Go release's Doppler would make of them, from bytes to bytes.
 *
 * <p>Unlike there, nothing comes out that some v1 reader cannot read: an HttpStartStop without a known method or peer
 * type says GET and Client, and no envelope is above the size that readers take. A log above it is cut; anything else
 * is skipped.
 *
 * <p>One renderer serves any number of envelopes, on one thread at a time; it makes no objects on the way.
 */
public final class V1Renderer {
    /** Why nothing was written: something was. */
    public static final int NOT_SKIPPED = 0;

    /** v1 has no events. */
    public static final int EVENT = 1;

    /** A timer without the tag {@code request_id}, or not a UUID in it, is no HTTP request. */
    public static final int NO_REQUEST_ID = 2;

    /** A gauge without metrics. */
    public static final int EMPTY_GAUGE = 3;

    /** No message is set, or one that is not known. */
    public static final int NO_MESSAGE = 4;

    /** The v1 envelope would be above the limit. */
    public static final int TOO_LARGE = 5;

    /** The bytes are not those of a v2 envelope. */
    public static final int MALFORMED = 6;

    /** The app id is the source id of the v2 envelope. */
    public static final int ROUTE_SOURCE = 0;

    /** The app id is {@link #routeUuid()}. */
    public static final int ROUTE_UUID = 1;

    /** The app id is {@code system}: the envelope belongs to no app. */
    public static final int ROUTE_SYSTEM = 2;

    // How much more than one envelope of full size the values of one gauge may become: each repeats all the tags.
    private static final int MOST_OUTPUT = 16;

    // Event types in the order of their numbers from 4, and where their messages lie in the envelope.
    private static final int HTTP_START_STOP = 4;
    private static final int LOG_MESSAGE = 5;
    private static final int VALUE_METRIC = 6;
    private static final int COUNTER_EVENT = 7;
    private static final int ERROR = 8;
    private static final int CONTAINER_METRIC = 9;

    private static final byte[] ERROR_NAME = "Error".getBytes(StandardCharsets.US_ASCII);

    private final int maxBytes;
    private final V2Envelope<TagTable> envelope;
    private final CutMark mark = new CutMark();
    private final ByteSink head;
    private final ByteSink body;
    private final ByteSink tail;
    private final byte[] routeUuid = new byte[UuidText.LENGTH];

    private int skipped;
    private int omitted;
    private int route;
    private boolean log;
    private boolean cut;

    /**
     * @param maxEnvelopeBytes size of a v1 envelope at most, 1 and more
     * @throws IllegalArgumentException if it is less
     */
    public V1Renderer(int maxEnvelopeBytes) {
        if (maxEnvelopeBytes < 1) {
            throw new IllegalArgumentException("maxEnvelopeBytes must be 1 or more, is " + maxEnvelopeBytes);
        }
        maxBytes = maxEnvelopeBytes;
        envelope = new V2Envelope<>(new TagTable(maxEnvelopeBytes), maxEnvelopeBytes);
        head = new ByteSink(maxEnvelopeBytes);
        body = new ByteSink(maxEnvelopeBytes);
        tail = new ByteSink(maxEnvelopeBytes);
    }

    /**
     * Renders the v2 envelope {@code bytes[from, to)}, the bytes of the Envelope itself.
     *
     * @return how many v1 envelopes were written; 0: {@link #skipped()} tells why. Above 1 only for gauges.
     */
    public int render(byte[] bytes, int from, int to, V1Output out) {
        Objects.checkFromToIndex(from, to, bytes.length);
        skipped = NOT_SKIPPED;
        omitted = 0;
        route = ROUTE_SYSTEM;
        log = false;
        cut = false;
        if (!envelope.read(bytes, from, to)) {
            return skip(MALFORMED);
        }
        return switch (envelope.kind()) {
            case BatchCursor.LOG -> isError() ? error(out) : log(out);
            case BatchCursor.COUNTER -> counter(out);
            case BatchCursor.GAUGE -> gauge(out);
            case BatchCursor.TIMER -> timer(out);
            case BatchCursor.EVENT -> skip(EVENT);
            default -> skip(NO_MESSAGE);
        };
    }

    private int skip(int reason) {
        skipped = reason;
        log = false;
        return 0;
    }

    private boolean isError() {
        TagTable tags = envelope.tags();
        return tags.find(KnownTag.V1_TYPE)
                && Arrays.equals(tags.source(), tags.start(), tags.end(), ERROR_NAME, 0, ERROR_NAME.length);
    }

    private int log(V1Output out) {
        V2Envelope<TagTable> v2 = envelope;
        log = true;
        route = ROUTE_SOURCE;
        surround(LOG_MESSAGE, KnownTag.OF_LOG, false);
        // All but the payload, which goes straight to the output.
        body.reset()
                .varint(2 << 3, (int) v2.second() == 0 ? 1 : 2)
                .varint(3 << 3, v2.timestamp())
                .delimited(4 << 3 | 2, v2.bytes(), v2.sourceIdStart(), v2.sourceIdEnd());
        v2.tags().write(KnownTag.SOURCE_TYPE, 5 << 3 | 2, body);
        body.delimited(6 << 3 | 2, v2.bytes(), v2.instanceIdStart(), v2.instanceIdEnd());
        int kept = v2.textEnd() - v2.textStart();
        mark.clear();
        long size = logSize(kept);
        if (size > maxBytes) {
            int longest = kept;
            mark.set(longest);
            // Without the bytes above the limit and the longest mark it surely fits.
            long room = kept - (size - maxBytes) - mark.length();
            if (room < 0 || tooLarge()) {
                return skip(TOO_LARGE);
            }
            int border = v2.textStart() + (int) room;
            kept = Utf8.borderBefore(v2.bytes(), v2.textStart(), border, v2.textEnd()) - v2.textStart();
            mark.set(longest - kept);
            size = logSize(kept);
            cut = true;
        }
        if (tooLarge()) {
            return skip(TOO_LARGE);
        }
        int payload = kept + mark.length();
        int from = out.begin((int) size);
        int p = copy(head, out.bytes, from);
        out.bytes[p++] = (LOG_MESSAGE + 3) << 3 | 2;
        p = ByteSink.putVarint(out.bytes, p, 1 + ByteSink.varintSize(payload) + payload + body.end());
        out.bytes[p++] = 1 << 3 | 2;
        p = ByteSink.putVarint(out.bytes, p, payload);
        System.arraycopy(v2.bytes(), v2.textStart(), out.bytes, p, kept);
        p = mark.copy(out.bytes, p + kept);
        p = copy(body, out.bytes, p);
        out.finished(from, copy(tail, out.bytes, p));
        return 1;
    }

    private long logSize(int payloadKept) {
        long payload = (long) payloadKept + mark.length();
        long message = 1 + ByteSink.varintSize(payload) + payload + body.end();
        return head.end() + 1 + ByteSink.varintSize(message) + message + tail.end();
    }

    private int error(V1Output out) {
        TagTable tags = envelope.tags();
        surround(ERROR, KnownTag.OF_ERROR, false);
        body.reset();
        tags.write(KnownTag.SOURCE, 1 << 3 | 2, body);
        tags.find(KnownTag.CODE);
        body.varint(2 << 3, NumberText.int32(tags.source(), tags.start(), tags.end()));
        body.delimited(3 << 3 | 2, envelope.bytes(), envelope.textStart(), envelope.textEnd());
        return write(ERROR, out);
    }

    private int counter(V1Output out) {
        surround(COUNTER_EVENT, 0, true);
        body.reset()
                .delimited(1 << 3 | 2, envelope.bytes(), envelope.textStart(), envelope.textEnd())
                .varint(2 << 3, envelope.second())
                .varint(3 << 3, envelope.third());
        return write(COUNTER_EVENT, out);
    }

    private int timer(V1Output out) {
        if (!HttpBody.possible(envelope)) {
            return skip(NO_REQUEST_ID);
        }
        if (UuidText.normalise(envelope.bytes(), envelope.sourceIdStart(), envelope.sourceIdEnd(), routeUuid)) {
            route = ROUTE_UUID;
        }
        surround(HTTP_START_STOP, KnownTag.OF_HTTP, false);
        HttpBody.write(envelope, body.reset());
        return write(HTTP_START_STOP, out);
    }

    private int gauge(V1Output out) {
        MetricTable metrics = envelope.metrics();
        if (metrics.count() == 0) {
            return skip(EMPTY_GAUGE);
        }
        if (ContainerBody.isContainer(metrics)) {
            route = ROUTE_SOURCE;
            surround(CONTAINER_METRIC, 0, false);
            ContainerBody.write(envelope, body.reset());
            return write(CONTAINER_METRIC, out);
        }
        if (metrics.tooMany()) {
            return skip(TOO_LARGE);
        }
        surround(VALUE_METRIC, 0, true);
        int written = 0;
        long total = 0;
        for (int i = 0; i < metrics.count(); i++) {
            body.reset()
                    .delimited(1 << 3 | 2, envelope.bytes(), metrics.nameStart(i), metrics.nameEnd(i))
                    .real(2 << 3 | 1, metrics.value(i))
                    .delimited(3 << 3 | 2, envelope.bytes(), metrics.unitStart(i), metrics.unitEnd(i));
            int one = total + size() > (long) MOST_OUTPUT * maxBytes ? 0 : write(VALUE_METRIC, out);
            total += one * size();
            written += one;
            omitted += 1 - one;
        }
        skipped = written == 0 ? TOO_LARGE : NOT_SKIPPED;
        return written;
    }

    // What comes before and behind the message.
    private void surround(int eventType, int removed, boolean instanceTag) {
        V2Envelope<TagTable> v2 = envelope;
        TagTable tags = v2.tags();
        tags.write(KnownTag.ORIGIN, 1 << 3 | 2, head.reset());
        head.varint(2 << 3, eventType).varint(6 << 3, v2.timestamp());
        tail.reset();
        tags.write(KnownTag.DEPLOYMENT, 13 << 3 | 2, tail);
        tags.write(KnownTag.JOB, 14 << 3 | 2, tail);
        tags.write(KnownTag.INDEX, 15 << 3 | 2, tail);
        tags.write(KnownTag.IP, 16 << 3 | 2, tail);
        boolean source = v2.sourceIdStart() != v2.sourceIdEnd();
        boolean instance = instanceTag && v2.instanceIdStart() != v2.instanceIdEnd();
        int without = KnownTag.OF_ENVELOPE
                | removed
                | (source ? 1 << KnownTag.SOURCE_ID : 0)
                | (instance ? 1 << KnownTag.INSTANCE_ID : 0);
        tags.writeAll(without, MapWriter.V1_TAGS, tail);
        if (source) {
            KnownTag.entry(
                    MapWriter.V1_TAGS, tail, KnownTag.SOURCE_ID, v2.bytes(), v2.sourceIdStart(), v2.sourceIdEnd());
        }
        if (instance) {
            KnownTag.entry(
                    MapWriter.V1_TAGS,
                    tail,
                    KnownTag.INSTANCE_ID,
                    v2.bytes(),
                    v2.instanceIdStart(),
                    v2.instanceIdEnd());
        }
    }

    private boolean tooLarge() {
        return envelope.tags().tooMany() || head.full() || body.full() || tail.full();
    }

    private long size() {
        return (long) head.end() + 1 + ByteSink.varintSize(body.end()) + body.end() + tail.end();
    }

    private int write(int eventType, V1Output out) {
        long size = size();
        if (tooLarge() || size > maxBytes) {
            return skip(TOO_LARGE);
        }
        int from = out.begin((int) size);
        int p = copy(head, out.bytes, from);
        out.bytes[p++] = (byte) ((eventType + 3) << 3 | 2);
        p = copy(body, out.bytes, ByteSink.putVarint(out.bytes, p, body.end()));
        out.finished(from, copy(tail, out.bytes, p));
        return 1;
    }

    private static int copy(ByteSink sink, byte[] to, int at) {
        System.arraycopy(sink.bytes(), 0, to, at, sink.end());
        return at + sink.end();
    }

    /** Why the last {@link #render} wrote nothing. */
    public int skipped() {
        return skipped;
    }

    /**
     * How many values of a gauge were left out while others were written, because of their size or because all
     * together would be more than {@value #MOST_OUTPUT} envelopes of full size.
     */
    public int omitted() {
        return omitted;
    }

    /** Whether a LogMessage was written, what v1's filter knows as logs; everything else it knows as metrics. */
    public boolean log() {
        return log;
    }

    /** Whether a log was cut to fit; its message ends with {@code " ...[N bytes cut]"}. */
    public boolean cut() {
        return cut;
    }

    /** {@link #ROUTE_SOURCE}, {@link #ROUTE_UUID} or {@link #ROUTE_SYSTEM}: the app id that v1 routes by. */
    public int route() {
        return route;
    }

    /** Where the app id lies in the bytes that were rendered; only with {@link #ROUTE_SOURCE}. */
    public int routeStart() {
        return envelope.sourceIdStart();
    }

    public int routeEnd() {
        return envelope.sourceIdEnd();
    }

    /** The app id in lower case, {@value UuidText#LENGTH} bytes, until the next envelope; only with {@link #ROUTE_UUID}. */
    public byte[] routeUuid() {
        return routeUuid;
    }
}
