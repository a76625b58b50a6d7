package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** What a reader is told to come back with, and what it may come back with. */
class ResumeTokenTest {
    @Property(tries = 200)
    void whatIsToldIsUnderstood(
            @ForAll @LongRange(min = 0) long since,
            @ForAll boolean complete,
            @ForAll @Size(max = 40) List<@LongRange(min = 1) Long> positions) {
        List<ResumeToken.ReadUpTo> places = new ArrayList<>();
        for (int i = 0; i < positions.size(); i++) {
            places.add(new ResumeToken.ReadUpTo(
                    ResumeToken.run("run " + i % 5), i, positions.get(i), positions.get(i) / 200, i % 3 == 0));
        }
        byte[] name = ResumeToken.newName();
        String text = new ResumeToken(name, since, since / 2, complete, places).text(0);
        assertThat(text).matches("[A-Za-z0-9_-]+");
        ResumeToken read = ResumeToken.read(text).orElseThrow();
        assertThat(read.name()).isEqualTo(name);
        assertThat(read.sinceMillis()).isEqualTo(since);
        assertThat(read.toldMillis()).isEqualTo(since / 2);
        assertThat(read.complete()).isEqualTo(complete);
        assertThat(read.places()).isEqualTo(places);
    }

    @Example
    void itIsBoundedWhateverThereIsToTell() {
        List<ResumeToken.ReadUpTo> places = LongStream.range(1, 5_000)
                .mapToObj(i -> new ResumeToken.ReadUpTo(i, (int) (i % 1000), Long.MAX_VALUE, Long.MAX_VALUE, false))
                .toList();
        String text = new ResumeToken(ResumeToken.newName(), 1, 1, true, places).text(0);
        assertThat(text.length()).isLessThanOrEqualTo(8192);
        String withoutPast = new ResumeToken(ResumeToken.newName(), 1, 1, true, places).text(places.size() - 10);
        assertThat(ResumeToken.read(withoutPast).orElseThrow().complete()).isTrue();
        assertThat(ResumeToken.read(text).orElseThrow().complete())
                .as("some found no room")
                .isFalse();
        List<ResumeToken.ReadUpTo> read = ResumeToken.read(text).orElseThrow().places();
        assertThat(read).isNotEmpty().isEqualTo(places.subList(places.size() - read.size(), places.size()));
    }

    @Property(tries = 2000)
    void whatAClientMakesUpIsNoTokenOrAHarmlessOne(
            @ForAll @AlphaChars @NumericChars @CharRange(from = '-', to = '_') @StringLength(max = 300) String text) {
        ResumeToken.read(text)
                .ifPresent(token -> assertThat(token.places())
                        .allMatch(place -> place.position() > 0 && place.count() >= 0 && place.lane() >= 0));
    }

    @Property(tries = 2000)
    void soAreBytes(@ForAll @Size(max = 200) byte[] bytes) {
        bytes = bytes.clone();
        if (bytes.length > 0) {
            bytes[0] = (byte) (2 + (bytes[0] & 1));
        }
        ResumeToken.read(Base64.getUrlEncoder().encodeToString(bytes))
                .ifPresent(token -> assertThat(token.places())
                        .allMatch(place -> place.position() > 0 && place.count() >= 0 && place.lane() >= 0));
    }

    @Example
    void theSameLaneTwiceIsNoToken() {
        ResumeToken.ReadUpTo place = new ResumeToken.ReadUpTo(1, 1, 1, 1, false);
        assertThat(ResumeToken.read(new ResumeToken(ResumeToken.newName(), 1, 1, true, List.of(place, place)).text(0)))
                .isEmpty();
        assertThat(ResumeToken.read("A".repeat(8193))).isEmpty();
        assertThat(ResumeToken.read("")).isEmpty();
    }
}
