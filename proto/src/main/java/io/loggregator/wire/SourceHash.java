package io.loggregator.wire;

import java.util.concurrent.ThreadLocalRandom;

/** The hash of a source id. Seeded anew in every process, so that nobody outside can choose ids that collide. */
final class SourceHash {
    private static final long SEED = ThreadLocalRandom.current().nextLong();
    private static final long M1 = 0x9E3779B97F4A7C15L;
    private static final long M2 = 0xD6E8FEB86659FD93L;

    private SourceHash() {}

    static int of(byte[] bytes, int from, int to) {
        long h = SEED ^ (to - from) * M1;
        int p = from;
        for (; to - p >= 8; p += 8) {
            h = mix(h ^ ProtoBytes.long64(bytes, p));
        }
        if (p < to) {
            long rest = 0;
            for (int q = to - 1; q >= p; q--) {
                rest = rest << 8 | (bytes[q] & 0xFF);
            }
            h = mix(h ^ rest);
        }
        h = mix(h);
        return (int) (h ^ h >>> 32);
    }

    private static long mix(long h) {
        long x = (h ^ h >>> 32) * M2;
        return (x ^ x >>> 29) * M1;
    }
}
