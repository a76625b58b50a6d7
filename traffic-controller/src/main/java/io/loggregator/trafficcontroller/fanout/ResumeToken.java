package io.loggregator.trafficcontroller.fanout;

import io.loggregator.wire.ByteSink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a reader that comes back tells of how far it was: the name of its group of one, since when there is one, and a
 * place in each lane of each run of a Doppler that it got something from. It grants nothing, so nothing vouches for it.
 *
 * @param name {@link #newName}
 * @param sinceMillis when the first reader came, milliseconds since the Unix epoch
 * @param toldMillis when the reader is told this
 * @param complete whether the reader has nothing from other lanes; {@link #text} finds out whether there is room for all
 * @param places those that matter most last
 */
record ResumeToken(byte[] name, long sinceMillis, long toldMillis, boolean complete, List<ReadUpTo> places) {
    private static final int COMPLETE = 2;
    private static final int PARTIAL = 3;
    private static final int NAME_BYTES = 16;
    private static final int MOST_LANES = 1024;
    private static final int MOST_PLACES = 512;
    /** So that it fits into a header. */
    private static final int LONGEST_TEXT = 8192;

    private static final int MOST_BYTES = LONGEST_TEXT / 4 * 3;
    /** What the names of groups of one begin with, so that no shard is meant by accident. */
    private static final String PREFIX = "alone:";

    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * How far in one lane.
     *
     * @param run {@link #run}
     * @param position log position after the last batch
     * @param count envelopes that were delivered or told to be lost up to there
     * @param lost whether the reader has word that the run is lost
     */
    record ReadUpTo(long run, int lane, long position, long count, boolean lost) {}

    /** A name that nobody has had. */
    static byte[] newName() {
        byte[] name = new byte[NAME_BYTES];
        RANDOM.nextBytes(name);
        return name;
    }

    /** The group of that name. */
    static String group(byte[] name) {
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(name);
    }

    /** Names a run of a Doppler in few bytes, everywhere alike. */
    static long run(String epoch) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(epoch.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(hash).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /**
     * URL-safe characters, at most 8,192 of them; places that do not fit, the first, are left out.
     *
     * @param past how many of the places, the first, hardly matter: what is said is complete without them
     */
    String text(int past) {
        int size = 1 + NAME_BYTES + ByteSink.varintSize(sinceMillis) + ByteSink.varintSize(toldMillis);
        int first = places.size();
        while (first > 0 && places.size() - first < MOST_PLACES && size + size(places.get(first - 1)) <= MOST_BYTES) {
            first--;
            size += size(places.get(first));
        }
        byte[] bytes = new byte[size];
        bytes[0] = (byte) (complete && first <= past ? COMPLETE : PARTIAL);
        System.arraycopy(name, 0, bytes, 1, NAME_BYTES);
        int end = ByteSink.putVarint(bytes, 1 + NAME_BYTES, sinceMillis);
        end = ByteSink.putVarint(bytes, end, toldMillis);
        for (int i = first; i < places.size(); i++) {
            ReadUpTo place = places.get(i);
            ByteBuffer.wrap(bytes).putLong(end, place.run());
            end = ByteSink.putVarint(bytes, end + Long.BYTES, laneBits(place));
            end = ByteSink.putVarint(bytes, end, place.position());
            end = ByteSink.putVarint(bytes, end, place.count());
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static long laneBits(ReadUpTo place) {
        return place.lane() * 2L + (place.lost() ? 1 : 0);
    }

    private static int size(ReadUpTo place) {
        return Long.BYTES
                + ByteSink.varintSize(laneBits(place))
                + ByteSink.varintSize(place.position())
                + ByteSink.varintSize(place.count());
    }

    /** Empty if it is not what {@link #text} makes; so is anything that a client may have made up. */
    static Optional<ResumeToken> read(String text) {
        if (text.length() > LONGEST_TEXT) {
            return Optional.empty();
        }
        try {
            return read(ByteBuffer.wrap(Base64.getUrlDecoder().decode(text)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<ResumeToken> read(ByteBuffer bytes) {
        if (bytes.remaining() < 1 + NAME_BYTES) {
            return Optional.empty();
        }
        int version = bytes.get();
        byte[] name = new byte[NAME_BYTES];
        bytes.get(name);
        long since = varint(bytes);
        long told = varint(bytes);
        List<ReadUpTo> places = new ArrayList<>();
        Set<List<Long>> known = new HashSet<>();
        boolean sound = (version == COMPLETE || version == PARTIAL) && since >= 0 && told >= 0;
        while (sound && bytes.remaining() >= Long.BYTES) {
            long run = bytes.getLong();
            long laneBits = varint(bytes);
            long lane = laneBits >> 1;
            long position = varint(bytes);
            long count = varint(bytes);
            sound = laneBits >= 0
                    && lane < MOST_LANES
                    && position > 0
                    && count >= 0
                    && places.size() < MOST_PLACES
                    && known.add(List.of(run, lane));
            places.add(new ReadUpTo(run, (int) lane, position, count, (laneBits & 1) == 1));
        }
        return sound && !bytes.hasRemaining()
                ? Optional.of(new ResumeToken(name, since, told, version == COMPLETE, places))
                : Optional.empty();
    }

    /** -1 if there is none that is not negative. */
    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE && bytes.hasRemaining(); shift += 7) {
            int next = bytes.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return Math.max(-1, value);
            }
        }
        return -1;
    }
}
