package io.loggregator.stream.recent;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;

/** Drives a {@link RecentPast} by source names and weighs what it holds on the heap. */
final class Probe {
    final RecentPast past;

    Probe(RecentPast past) {
        this.past = past;
    }

    void log(String source, byte[] envelope, long now) {
        log(source, source.hashCode(), envelope, now);
    }

    void log(String source, int hash, byte[] envelope, long now) {
        byte[] id = source.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(id, id.length + envelope.length);
        System.arraycopy(envelope, 0, bytes, id.length, envelope.length);
        past.log(bytes, 0, id.length, hash, id.length, bytes.length, now);
    }

    void metric(String source, int hash, byte[] envelope, long timestamp, long now, long system) {
        byte[] id = source.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(id, id.length + envelope.length);
        System.arraycopy(envelope, 0, bytes, id.length, envelope.length);
        past.containerMetric(bytes, 0, id.length, hash, id.length, bytes.length, timestamp, now, system);
    }

    void metric(String source, int hash, byte[] envelope, long timestamp, long now) {
        metric(source, hash, envelope, timestamp, now, now);
    }

    void metric(String source, Envelope envelope, long now) {
        metric(source, envelope, now, now);
    }

    void metric(String source, Envelope envelope, long now, long system) {
        metric(source, source.hashCode(), envelope.toByteArray(), envelope.getTimestamp(), now, system);
    }

    List<String> logs(String source, int hash, int limit) {
        byte[] id = source.getBytes(StandardCharsets.UTF_8);
        List<String> read = new ArrayList<>();
        past.recentLogs(id, 0, id.length, hash, limit, (b, from, to) -> read.add(text(b, from, to)));
        return read;
    }

    List<String> logs(String source) {
        return logs(source, source.hashCode(), 0);
    }

    List<String> metrics(String source, int hash, long now) {
        byte[] id = source.getBytes(StandardCharsets.UTF_8);
        List<String> read = new ArrayList<>();
        past.containerMetrics(id, 0, id.length, hash, now, (b, from, to) -> read.add(text(b, from, to)));
        return read;
    }

    List<String> metrics(String source, long now) {
        return metrics(source, source.hashCode(), now);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    static String text(Envelope envelope) {
        byte[] bytes = envelope.toByteArray();
        return text(bytes, 0, bytes.length);
    }

    /** A container metric as Diego sends it, for an instance, larger by so many bytes of unit. */
    static Envelope containerMetric(int instance, long timestamp, int more) {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (String key : List.of("cpu", "memory", "disk", "memory_quota", "disk_quota")) {
            gauge.putMetrics(
                    key, GaugeValue.newBuilder().setUnit("bytes").setValue(1).build());
        }
        gauge.putMetrics(
                "more", GaugeValue.newBuilder().setUnit("u".repeat(more)).build());
        return Envelope.newBuilder()
                .setTimestamp(timestamp)
                .setInstanceId(Integer.toString(instance))
                .setGauge(gauge)
                .build();
    }

    /** What is reachable, as a 64-bit JVM with compressed pointers lays it out. */
    static long heapBytes(Object root) throws IllegalAccessException {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> unweighed = new ArrayDeque<>(List.of(root));
        long bytes = 0;
        while (!unweighed.isEmpty()) {
            Object object = unweighed.pop();
            if (seen.add(object)) {
                bytes += weigh(object, unweighed);
            }
        }
        return bytes;
    }

    /** Weighs one object and adds those that it refers to. */
    private static long weigh(Object object, Deque<Object> referred) throws IllegalAccessException {
        Class<?> type = object.getClass();
        long content = 0;
        if (type.isArray()) {
            content += 4 + (long) Array.getLength(object) * width(type.getComponentType());
            if (!type.getComponentType().isPrimitive()) {
                Stream.of((Object[]) object).filter(Objects::nonNull).forEach(referred::push);
            }
        }
        for (; type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    content += width(field.getType());
                    if (!field.getType().isPrimitive()) {
                        field.setAccessible(true);
                        Optional.ofNullable(field.get(object)).ifPresent(referred::push);
                    }
                }
            }
        }
        return (12 + content + 7) / 8 * 8;
    }

    private static int width(Class<?> type) {
        if (type == long.class || type == double.class) {
            return 8;
        }
        if (type == byte.class || type == boolean.class) {
            return 1;
        }
        return 4;
    }
}
