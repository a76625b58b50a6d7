package io.loggregator.stream.table;

import io.loggregator.wire.BatchCursor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * A map from source ids to values that is looked up with bytes in place: no string, no copy, no allocation, and the
 * same cost for ten sources and ten thousand. Open addressing with linear probing, at most half full.
 *
 * <p>Owned by one event loop.
 *
 * @param <V> what is known of a source
 */
public final class SourceTable<V> {
    private static final int SMALLEST = 16;

    private byte[][] keys = new byte[SMALLEST][];
    private int[] hashes = new int[SMALLEST];
    private Object[] values = new Object[SMALLEST];
    private int size;

    /** The value of the source whose id lies at {@code bytes[from, to)}, or null. */
    public V get(byte[] bytes, int from, int to, int hash) {
        int slot = find(bytes, from, to, hash);
        return keys[slot] == null ? null : value(slot);
    }

    /** The value of a source, or null. */
    public V get(String source) {
        byte[] key = source.getBytes(StandardCharsets.UTF_8);
        return get(key, 0, key.length, BatchCursor.hash(key, 0, key.length));
    }

    /** Sets the value of a source; returns the earlier one, or null. */
    public V put(String source, V value) {
        byte[] key = source.getBytes(StandardCharsets.UTF_8);
        return put(key, BatchCursor.hash(key, 0, key.length), value);
    }

    /** Sets the value of the source whose id lies at {@code bytes[from, to)}; returns the earlier one, or null. */
    public V put(byte[] bytes, int from, int to, int hash, V value) {
        return put(Arrays.copyOfRange(bytes, from, to), hash, value);
    }

    private V put(byte[] key, int hash, V value) {
        int slot = find(key, 0, key.length, hash);
        V earlier = value(slot);
        if (keys[slot] == null) {
            if ((size + 1) * 2 > keys.length) {
                grow();
                slot = find(key, 0, key.length, hash);
            }
            keys[slot] = key;
            hashes[slot] = hash;
            size++;
        }
        values[slot] = value;
        return earlier;
    }

    /** Forgets a source; returns what was known of it, or null. */
    public V remove(String source) {
        byte[] key = source.getBytes(StandardCharsets.UTF_8);
        int slot = find(key, 0, key.length, BatchCursor.hash(key, 0, key.length));
        if (keys[slot] == null) {
            return null;
        }
        V earlier = value(slot);
        size--;
        closeGap(slot);
        return earlier;
    }

    /** How many sources are known. */
    public int size() {
        return size;
    }

    /** Hands every source and its value over, in no order; the table must not be changed meanwhile. */
    public void forEach(BiConsumer<String, V> action) {
        for (int slot = 0; slot < keys.length; slot++) {
            if (keys[slot] != null) {
                action.accept(new String(keys[slot], StandardCharsets.UTF_8), value(slot));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private V value(int slot) {
        return (V) values[slot];
    }

    private int find(byte[] bytes, int from, int to, int hash) {
        int mask = keys.length - 1;
        int slot = hash & mask;
        while (keys[slot] != null) {
            byte[] key = keys[slot];
            if (hashes[slot] == hash && Arrays.equals(key, 0, key.length, bytes, from, to)) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        byte[][] oldKeys = keys;
        int[] oldHashes = hashes;
        Object[] oldValues = values;
        int length = keys.length * 2;
        keys = new byte[length][];
        hashes = new int[length];
        values = new Object[length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != null) {
                int slot = oldHashes[i] & (length - 1);
                while (keys[slot] != null) {
                    slot = (slot + 1) & (length - 1);
                }
                keys[slot] = oldKeys[i];
                hashes[slot] = oldHashes[i];
                values[slot] = oldValues[i];
            }
        }
    }

    /** Moves later entries of the probe chain up, so that no marker of the removed one is needed. */
    private void closeGap(int removed) {
        int mask = keys.length - 1;
        int gap = removed;
        int slot = removed;
        while (true) {
            slot = (slot + 1) & mask;
            if (keys[slot] == null) {
                break;
            }
            int home = hashes[slot] & mask;
            if (((slot - home) & mask) >= ((slot - gap) & mask)) {
                keys[gap] = keys[slot];
                hashes[gap] = hashes[slot];
                values[gap] = values[slot];
                gap = slot;
            }
        }
        keys[gap] = null;
        values[gap] = null;
    }
}
