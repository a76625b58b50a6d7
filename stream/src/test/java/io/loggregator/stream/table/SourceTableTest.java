package io.loggregator.stream.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.wire.BatchCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SourceTableTest {
    private final SourceTable<Integer> table = new SourceTable<>();

    @Test
    void whatWasPutIsFoundUntilItIsRemoved() {
        assertThat(table.put("app", 1)).isNull();
        assertThat(table.put("app", 2)).isEqualTo(1);
        assertThat(table.get("app")).isEqualTo(2);
        assertThat(table.size()).isEqualTo(1);
        assertThat(table.remove("app")).isEqualTo(2);
        assertThat(table.remove("app")).isNull();
        assertThat(table.get("app")).isNull();
        assertThat(table.size()).isZero();
    }

    @Test
    void whatIsPutByItsBytesIsKeptWhenTheyChange() {
        byte[] bytes = "xapp-üx".getBytes(StandardCharsets.UTF_8);
        int hash = BatchCursor.hash(bytes, 1, bytes.length - 1);
        assertThat(table.put(bytes, 1, bytes.length - 1, hash, 5)).isNull();
        Arrays.fill(bytes, (byte) 'z');
        assertThat(table.get("app-ü")).isEqualTo(5);
        assertThat(table.put("app-ü", 6)).isEqualTo(5);
    }

    @Test
    void theEmptySourceIdIsASourceLikeAnyOther() {
        table.put("", 7);
        assertThat(table.get("")).isEqualTo(7);
        assertThat(table.get("a")).isNull();
    }

    @Test
    void aSourceIsFoundWhereItsBytesLieInALargerArray() {
        table.put("app-ü", 3);
        table.put("app", 4);
        byte[] bytes = "xxapp-üapp".getBytes(StandardCharsets.UTF_8);
        assertThat(table.get(bytes, 2, 8, BatchCursor.hash(bytes, 2, 8))).isEqualTo(3);
        assertThat(table.get(bytes, 2, 5, BatchCursor.hash(bytes, 2, 5))).isEqualTo(4);
        assertThat(table.get(bytes, 8, 11, BatchCursor.hash(bytes, 8, 11))).isEqualTo(4);
        assertThat(table.get(bytes, 1, 5, BatchCursor.hash(bytes, 1, 5))).isNull();
        assertThat(table.get(bytes, 2, 7, BatchCursor.hash(bytes, 2, 7))).isNull();
    }

    /** Removing the first of a probe chain must not hide the others, also where the chain wraps around the end. */
    @Property(tries = 300)
    void sourcesThatShareASlotAreToldApart(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 15) int slot, @ForAll @IntRange(max = 7) int removed) {
        List<String> colliding = colliding(new Random(seed), slot, 7);
        for (int i = 0; i < colliding.size(); i++) {
            table.put(colliding.get(i), i);
        }
        if (removed < colliding.size()) {
            table.remove(colliding.get(removed));
        }
        for (int i = 0; i < colliding.size(); i++) {
            assertThat(table.get(colliding.get(i))).isEqualTo(i == removed ? null : i);
        }
    }

    /** Names whose home in a table of 16 slots is the slot or the one after it. */
    private static List<String> colliding(Random random, int slot, int count) {
        List<String> names = new ArrayList<>();
        while (names.size() < count) {
            String name = Long.toString(random.nextLong(), 36);
            byte[] key = name.getBytes(StandardCharsets.UTF_8);
            if (((BatchCursor.hash(key, 0, key.length) - slot) & 15) < 2 && !names.contains(name)) {
                names.add(name);
            }
        }
        return names;
    }

    @Property(tries = 300)
    void itIsAMap(@ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int sources) {
        Random random = new Random(seed);
        // Up to 8 sources stay in the smallest table, crowded around two slots of it.
        List<String> names = sources <= 8 ? colliding(random, random.nextInt(16), sources) : names(sources);
        SourceTable<Integer> tried = new SourceTable<>();
        Map<String, Integer> map = new HashMap<>();
        for (int step = 0; step < 1_000; step++) {
            String name = names.get(random.nextInt(names.size()));
            if (random.nextBoolean()) {
                assertThat(tried.put(name, step)).isEqualTo(map.put(name, step));
            } else {
                assertThat(tried.remove(name)).isEqualTo(map.remove(name));
            }
            String other = names.get(random.nextInt(names.size()));
            assertThat(tried.get(other)).isEqualTo(map.get(other));
            assertThat(tried.size()).isEqualTo(map.size());
            if (step % 50 == 0) {
                Map<String, Integer> all = new HashMap<>();
                tried.forEach(
                        (source, value) -> assertThat(all.put(source, value)).isNull());
                assertThat(all).isEqualTo(map);
                names.forEach(each -> assertThat(tried.get(each)).isEqualTo(map.get(each)));
            }
        }
    }

    private static List<String> names(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("source-" + i);
        }
        return names;
    }
}
