package io.loggregator.wire;

/** Gathers the entries of one envelope's {@code tags} and {@code deprecated_tags} as they are come across. */
public interface TagEntries {
    /** Forgets all entries; the next ones lie in these bytes. */
    void reset(byte[] envelope);

    /** Takes an entry of {@code tags}. False: its bytes are not sound. */
    boolean tag(int from, int to);

    /** Takes an entry of {@code deprecated_tags}. False: its bytes are not sound. */
    boolean deprecatedTag(int from, int to);
}
