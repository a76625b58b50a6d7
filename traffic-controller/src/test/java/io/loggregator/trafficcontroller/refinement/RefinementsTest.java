package io.loggregator.trafficcontroller.refinement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.loggregator.trafficcontroller.edge.Query;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.wire.BatchCursor;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefinementsTest {
    private static final Envelope LINE = Envelope.newBuilder()
            .setSourceId("app")
            .setInstanceId("3")
            .putTags("origin", "rep")
            .putTags("source_type", "APP/PROC/WEB")
            .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("GET /users/17 grüßt 200")))
            .build();
    private static final Envelope COUNTER = Envelope.newBuilder()
            .setSourceId("app")
            .setInstanceId("3")
            .setCounter(Counter.newBuilder().setName("requests"))
            .build();

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "instance=3 true true",
                "instance=3&instance=4 true true",
                "instance=4 false false",
                "instance= false false",
                "source_type=APP/PROC/WEB true true",
                "source_type=RTR&source_type=APP%2FPROC%2FWEB true true",
                "source_type=APP false true",
                "grep=users/[0-9]%2B true true",
                "grep=^GET.*200$ true true",
                "grep=gr%C3%BC(ss|%C3%9F)t true true",
                "grep=(?i)get true true",
                "grep=POST false true",
                "grep=GET&source_type=RTR false true",
                "grep=GET&instance=3&source_type=APP/PROC/WEB true true",
                "grep= true true"
            })
    void linesAndOtherEnvelopesAreTakenAsTheFiltersSay(String query, boolean line, boolean counter) throws Exception {
        Refinement refinement = parse(query);
        assertThat(takes(refinement, LINE)).isEqualTo(line);
        assertThat(takes(refinement, COUNTER)).isEqualTo(counter);
        // And once more, since matching reuses what it has.
        assertThat(takes(refinement, LINE)).isEqualTo(line);
    }

    @Test
    void sourceTypesAreFoundInTheOldFormOfTags() throws Exception {
        Envelope old = LINE.toBuilder()
                .clearTags()
                .putDeprecatedTags(
                        "source_type", Value.newBuilder().setText("RTR").build())
                .build();
        assertThat(takes(parse("source_type=RTR"), old)).isTrue();
        assertThat(takes(parse("source_type=APP"), old)).isFalse();
    }

    @Test
    void payloadsThatAreEmptyOrNoTextAreSearched() throws Exception {
        Envelope empty = LINE.toBuilder().setLog(Log.getDefaultInstance()).build();
        assertThat(takes(parse("grep=^$"), empty)).isTrue();
        Envelope bytes = LINE.toBuilder()
                .setLog(Log.newBuilder().setPayload(ByteString.copyFrom(new byte[] {(byte) 0xFF, 'a', (byte) 0xC3})))
                .build();
        assertThat(takes(parse("grep=a"), bytes)).isTrue();
        assertThat(takes(parse("grep=b"), bytes)).isFalse();
    }

    @Test
    void whatItIsKnownByIsShortAndDiffersHoweverLongTheFiltersAre() throws Exception {
        String values = IntStream.range(0, FilterLimits.MOST_VALUES)
                .mapToObj(i -> "&source_type=" + i + "\u20ac".repeat(300))
                .collect(Collectors.joining());
        FilterLimits limits = new FilterLimits(FilterLimits.LONGEST_PATTERN, FilterLimits.MOST_VALUES);
        String one = parse(values + "&grep=a", limits).identity();
        String other = parse(values + "&grep=b", limits).identity();
        assertThat(one).hasSizeLessThan(300).startsWith("source_type=301:0").isNotEqualTo(other);
        assertThat(other).isEqualTo(parse(values + "&grep=b", limits).identity());
    }

    @Test
    void whatFiltersAlikeHasTheSameIdentity() throws Exception {
        assertThat(parse("log").identity()).isEmpty();
        assertThat(parse("grep=&log")).isSameAs(Refinement.NONE);
        assertThat(parse("instance=2&instance=1&grep=a").identity())
                .isEqualTo(parse("grep=a&instance=1&instance=2&instance=1").identity());
        assertThat(parse("instance=a").identity())
                .isNotEqualTo(parse("source_type=a").identity());
        assertThat(parse("instance=1%201:2").identity())
                .isNotEqualTo(parse("instance=1&instance=2").identity());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "a**",
                "a{1001}",
                "((a{100}){100}){100}",
                "((((a{100}){100}){100}){100}){100}",
                "(a{100}\\Q)\\E){1000}",
                "((((((((((x{2}){2}){2}){2}){2}){2}){2}){2}){2}){2}){2}",
                "[)]{900}[(]{900}",
                "(?:[[:alpha:])]{40}){40}"
            })
    void patternsThatCannotBeReadOrAffordedAreRefused(String pattern) {
        // Within memory and time, which compiling some of these would not be.
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThatThrownBy(() -> parse("grep=" + escaped(pattern)))
                        .isInstanceOf(UnusableFilter.class)
                        .hasMessageStartingWith("grep: "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\\x{2014}", "\\p{Greek}{10}", "(a{10}){10}", "[^]{a]{20}", "a{,3}", "\\Qa{900}{900}\\E", "x{3,}"
            })
    void ordinaryPatternsAreNot(String pattern) throws Exception {
        parse("grep=" + escaped(pattern));
    }

    /** What overflows the stack of an event loop takes more with it than the request. */
    @ParameterizedTest
    @ValueSource(strings = {"()", "^*", "(|a)", "(.)*", "(.|)", "(a|.)+", "(.|b)?", "(a?.)+", "(a.|)"})
    void theLongestPatternsFitTheStackOfAThread(String part) throws Exception {
        FilterLimits most = new FilterLimits(FilterLimits.LONGEST_PATTERN, 1);
        FutureTask<Boolean> filter = new FutureTask<>(() -> {
            int parts = FilterLimits.LONGEST_PATTERN / part.length();
            while (true) {
                try {
                    return takes(parse("grep=" + escaped(repeated(part, parts)), most), LINE);
                } catch (UnusableFilter tooManySteps) {
                    parts = parts * 3 / 4;
                }
            }
        });
        new Thread(null, filter, "event loop", 1 << 20).start();
        filter.get(60, TimeUnit.SECONDS);
    }

    /** Side by side; where there is a dot, each in the place of the dot of another. */
    private static String repeated(String part, int times) {
        int dot = part.indexOf('.');
        return dot < 0
                ? part.repeat(times)
                : part.substring(0, dot).repeat(times) + part.substring(dot + 1).repeat(times);
    }

    @Test
    void filtersHaveLimits() {
        assertThatThrownBy(() -> parse("grep=" + "a".repeat(1_001))).hasMessage("grep: at most 1000 characters");
        assertThatThrownBy(() -> parse("grep=a&grep=b")).hasMessage("grep: at most one; join several with |");
        assertThatThrownBy(() -> parse("instance=" + "a".repeat(1_025)))
                .hasMessage("instance: at most 1024 bytes each");
        StringBuilder many = new StringBuilder();
        for (int i = 0; i <= 100; i++) {
            many.append("source_type=").append(i).append('&');
        }
        assertThatThrownBy(() -> parse(many.toString())).hasMessage("source_type: at most 100 different values");
    }

    private static Refinement parse(String query) throws UnusableFilter {
        return parse(query, FilterLimits.USUAL);
    }

    private static Refinement parse(String query, FilterLimits limits) throws UnusableFilter {
        return Refinements.parse(Query.parse(query).values(), limits);
    }

    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static boolean takes(Refinement refinement, Envelope envelope) {
        byte[] batch = EnvelopeBatch.newBuilder().addBatch(envelope).build().toByteArray();
        BatchCursor cursor = new BatchCursor(false).over(batch, 0, batch.length);
        assertThat(cursor.next()).isTrue();
        return refinement.takes(cursor);
    }
}
