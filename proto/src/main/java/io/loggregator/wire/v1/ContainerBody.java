package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.MetricTable;
import io.loggregator.wire.V2Envelope;
import java.nio.charset.StandardCharsets;

/** Tells which v2 gauge is a container's metrics, and writes it as a v1 ContainerMetric. */
final class ContainerBody {
    private static final byte[] CPU = ascii("cpu");
    private static final byte[] INSTANCE_INDEX = ascii("instance_index");

    // In the order of their field numbers in v1, from 4.
    private static final byte[][] BYTE_COUNTS = {
        ascii("memory"), ascii("disk"), ascii("memory_quota"), ascii("disk_quota")
    };

    private ContainerBody() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether all five metrics of a container are there, each with a unit or a value other than 0. */
    static boolean isContainer(MetricTable metrics) {
        if (metrics.count() < 1 + BYTE_COUNTS.length || !given(metrics, CPU)) {
            return false;
        }
        for (byte[] name : BYTE_COUNTS) {
            if (!given(metrics, name)) {
                return false;
            }
        }
        return true;
    }

    private static boolean given(MetricTable metrics, byte[] name) {
        int i = metrics.find(name);
        return i >= 0 && (metrics.unitStart(i) != metrics.unitEnd(i) || metrics.value(i) != 0);
    }

    /** Writes the message without its tag and length. Only if {@link #isContainer}. */
    static void write(V2Envelope<TagTable> gauge, ByteSink out) {
        MetricTable metrics = gauge.metrics();
        out.delimited(1 << 3 | 2, gauge.bytes(), gauge.sourceIdStart(), gauge.sourceIdEnd());
        int index = metrics.find(INSTANCE_INDEX);
        out.varint(
                2 << 3,
                index >= 0
                        ? (int) (long) metrics.value(index)
                        : NumberText.int32(gauge.bytes(), gauge.instanceIdStart(), gauge.instanceIdEnd()));
        out.real(3 << 3 | 1, metrics.value(metrics.find(CPU)));
        for (int i = 0; i < BYTE_COUNTS.length; i++) {
            out.varint((4 + i) << 3, unsigned(metrics.value(metrics.find(BYTE_COUNTS[i]))));
        }
    }

    // As the Go release's processors do it: negative numbers wrap around.
    private static long unsigned(double value) {
        return value < 0x1p63 ? (long) value : (long) (value - 0x1p63) ^ Long.MIN_VALUE;
    }
}
