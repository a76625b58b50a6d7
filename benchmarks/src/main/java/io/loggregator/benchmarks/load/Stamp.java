package io.loggregator.benchmarks.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What the payload of a log of the load begins with: a mark, the phase of the run, the source's number, the log's
 * number within its source and phase, and when it was sent. Fixed in length, so that it is patched and read in place.
 */
public final class Stamp {
    /** Bytes it takes. */
    public static final int LENGTH = 32;

    private static final long MARK = 0xB5_4C_4F_41_44_B5_00_01L;
    private static final int PHASE = 8;
    private static final int SOURCE = 12;
    private static final int SEQUENCE = 16;
    private static final int NANOS = 24;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Stamp() {}

    /** Writes the part that stays: the mark and the source's number; zeroes the rest. */
    public static void init(byte[] bytes, int at, int source) {
        Arrays.fill(bytes, at, at + LENGTH, (byte) 0);
        LONG.set(bytes, at, MARK);
        INT.set(bytes, at + SOURCE, source);
    }

    /** Writes the part that changes. */
    public static void patch(byte[] bytes, int at, int phase, long sequence, long nanos) {
        INT.set(bytes, at + PHASE, phase);
        LONG.set(bytes, at + SEQUENCE, sequence);
        LONG.set(bytes, at + NANOS, nanos);
    }

    /** Whether there is a stamp at this place. */
    public static boolean at(byte[] bytes, int at, int end) {
        return at >= 0 && end - at >= LENGTH && (long) LONG.get(bytes, at) == MARK;
    }

    /** The phase of the run that the log belongs to. */
    public static int phase(byte[] bytes, int at) {
        return (int) INT.get(bytes, at + PHASE);
    }

    /** The number of the source, from 0. */
    public static int source(byte[] bytes, int at) {
        return (int) INT.get(bytes, at + SOURCE);
    }

    /** The number of the log among those of its source in this phase, from 0. */
    public static long sequence(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at + SEQUENCE);
    }

    /** {@link System#nanoTime()} of when it was sent or due to be. */
    public static long nanos(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at + NANOS);
    }
}
