package io.loggregator.nozzle;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** A map of so few tags that looking through them is cheaper than hashing. Does not change once it is handed out. */
final class FewTags extends AbstractMap<String, String> {
    /** How many there may be. */
    static final int MOST = 8;

    /** What agents give to most envelopes. */
    private static final int USUAL = 5;

    private String[] pairs = new String[2 * USUAL];
    private int size;

    /** Puts a tag; one with the same key is replaced. False if there is no room. */
    boolean add(String key, String value) {
        int at = find(key);
        if (at < 0) {
            if (size == MOST) {
                return false;
            }
            at = 2 * size++;
            if (at == pairs.length) {
                pairs = Arrays.copyOf(pairs, 2 * MOST);
            }
            pairs[at] = key;
        }
        pairs[at + 1] = value;
        return true;
    }

    private int find(Object key) {
        for (int i = 0; i < 2 * size; i += 2) {
            if (pairs[i].equals(key)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String get(Object key) {
        int at = find(key);
        return at < 0 ? null : pairs[at + 1];
    }

    @Override
    public boolean containsKey(Object key) {
        return find(key) >= 0;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Iterator<Entry<String, String>> iterator() {
                return new Iterator<>() {
                    private int next;

                    @Override
                    public boolean hasNext() {
                        return next < 2 * size;
                    }

                    @Override
                    public Entry<String, String> next() {
                        if (!hasNext()) {
                            throw new NoSuchElementException();
                        }
                        next += 2;
                        return Map.entry(pairs[next - 2], pairs[next - 1]);
                    }
                };
            }
        };
    }
}
