package io.loggregator.doppler.limit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.wire.BatchCursor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaneLimitsTest {
    @TempDir
    private Path directory;

    private final Metrics metrics = new Metrics();
    private final BatchCursor cursor = new BatchCursor(true);
    private final List<Envelope> told = new ArrayList<>();
    private RateLimits limits;
    private LaneLimits lane;
    private long now = 1_700_000_000_000L;
    private int second = (int) (now / 1_000);

    private void limits(String text) throws IOException {
        limits(text, RateLimits.USUAL_VALUES);
    }

    private void limits(String text, int values) throws IOException {
        limits = RateLimits.read("RATE_LIMITS_FILE", write(text), values, metrics);
        lane = new LaneLimits(limits, () -> second);
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("limits.yml"), text);
    }

    private void pass(long millis) {
        now += millis;
        second = (int) (now / 1_000);
    }

    /** How many of so many lines come through; notices on the way are gathered. */
    private int lines(int count, String source, Map<String, String> tags) {
        byte[] line = EnvelopeBatch.newBuilder()
                .addBatch(Envelope.newBuilder()
                        .setSourceId(source)
                        .putAllTags(tags)
                        .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("a line"))))
                .build()
                .toByteArray();
        int admitted = 0;
        for (int i = 0; i < count; i++) {
            if (!lane.begin(now)) {
                return count;
            }
            cursor.over(line, 0, line.length);
            assertThat(cursor.next() && cursor.valid()).isTrue();
            admitted += lane.admits(cursor) ? 1 : 0;
            byte[] notice = lane.notice();
            if (notice != null) {
                gather(notice);
            }
        }
        return admitted;
    }

    private int lines(int count, String source) {
        return lines(count, source, Map.of());
    }

    private void gather(byte[] notice) {
        try {
            told.addAll(EnvelopeBatch.parseFrom(notice).getBatchList());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private long counted(String by) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("ingress_limited_total{by=\"" + by + "\"}"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Test
    void eachSourceHasItsOwnLimitEverySecond() throws IOException {
        limits("source_id: 10\nsource_id.quiet: 2\nsource_id.free: none\n");
        assertThat(lines(30, "loud")).isEqualTo(10);
        assertThat(lines(30, "other")).isEqualTo(10);
        assertThat(lines(30, "quiet")).isEqualTo(2);
        assertThat(lines(30, "free")).isEqualTo(30);
        pass(1_000);
        assertThat(lines(30, "loud")).isEqualTo(10);
        assertThat(counted("source_id")).isEqualTo(20 + 20 + 28 + 20);
    }

    @Test
    void whatWasLeftOutIsToldBeforeTheNextLineOfTheSource() throws IOException {
        limits("source_id: 10\n");
        lines(13, "loud");
        pass(700);
        lines(4, "loud");
        long last = now;
        assertThat(told).isEmpty();
        pass(600);

        assertThat(lines(1, "other")).isOne();
        assertThat(told).as("not of another source").isEmpty();
        assertThat(lines(1, "loud")).isOne();

        Envelope notice = told.get(0);
        assertThat(told).hasSize(1);
        assertThat(notice.getSourceId()).isEqualTo("loud");
        assertThat(notice.getLog().getType()).isEqualTo(Log.Type.ERR);
        assertThat(notice.getLog().getPayload().toStringUtf8())
                .isEqualTo(
                        "Log message output is too high. 7 messages dropped (Total 7 messages dropped) by a limit of "
                                + "10 lines/s for this source.");
        assertThat(notice.getTagsMap())
                .containsEntry("source_type", "LGR")
                .containsEntry("loss_count", "7")
                .containsEntry("loss_reason", "rate_limited")
                .containsEntry("loss_first", "2023-11-14T22:13:20Z")
                .containsEntry("loss_last", Instant.ofEpochMilli(last).toString());
        lines(10, "loud");
        pass(1_000);
        lines(1, "loud");
        assertThat(told.get(1).getLog().getPayload().toStringUtf8()).contains("1 messages dropped (Total 8 messages");
    }

    @Test
    void whatNoLineFollowsIsToldAfterTenSeconds() throws IOException {
        limits("source_id: 10\nsource_id.mute: 0\n");
        lines(12, "loud");
        lines(5, "mute");
        pass(LaneLimits.NOTICE_MILLIS - 1);
        lane.tell(now, this::gather);
        assertThat(told).isEmpty();
        pass(1);
        lane.tell(now, this::gather);
        assertThat(told).extracting(Envelope::getSourceId).containsExactlyInAnyOrder("loud", "mute");
        lines(3, "mute");
        lane.tell(now, this::gather);
        assertThat(told).hasSize(2);
        lane.tellAll(this::gather);
        assertThat(told).hasSize(3);
        assertThat(told.get(2).getTagsMap()).containsEntry("loss_count", "3");
        lane.tellAll(this::gather);
        assertThat(told).hasSize(3);
    }

    @Test
    void allThatBearTheSameTagShareALimit() throws IOException {
        limits("organization_id: 10\nspace_id.small: 4\n");
        Map<String, String> small = Map.of("organization_id", "o", "space_id", "small");
        assertThat(lines(3, "one", small)).isEqualTo(3);
        assertThat(lines(3, "two", small)).as("the space's").isEqualTo(1);
        assertThat(lines(9, "three", Map.of("organization_id", "o", "space_id", "large")))
                .as("what the space did not let pass was not taken of the organization's")
                .isEqualTo(6);
        assertThat(lines(9, "four", Map.of("organization_id", "p"))).isEqualTo(9);
        assertThat(lines(90, "five")).as("without the tag").isEqualTo(90);
        assertThat(counted("space_id")).isEqualTo(2);
        assertThat(counted("organization_id")).isEqualTo(3);
        lane.tellAll(this::gather);
        assertThat(told)
                .extracting(notice -> notice.getLog().getPayload().toStringUtf8())
                .anyMatch(text -> text.endsWith("by a limit of 4 lines/s for its space_id."))
                .anyMatch(text -> text.endsWith("by a limit of 10 lines/s for its organization_id."));
    }

    @Test
    void bytesAreThoseOfEnvelopes() throws IOException {
        limits("source_id: 100b\n");
        // Of a source "app", with its head, a line has 17 bytes.
        assertThat(lines(9, "app")).isEqualTo(100 / 17);
    }

    @Test
    void aNewFileHoldsFromTheNextTurnOn() throws IOException {
        limits("source_id: 10\n");
        assertThat(lines(12, "app")).isEqualTo(10);
        write("source_id: 20\n");
        limits.look();
        assertThat(lines(30, "app")).isEqualTo(20);
        assertThat(told).hasSize(1);
        write("source_id: twenty\n");
        limits.look();
        pass(1_000);
        assertThat(lines(30, "app")).as("a bad file leaves the old one").isEqualTo(20);
        assertThat(metrics.scrape())
                .contains("rate_limit_reloads_total{outcome=\"ok\"} 1.0")
                .contains("rate_limit_reloads_total{outcome=\"failed\"} 1.0");
        write("# none\n");
        limits.look();
        assertThat(lines(30, "app")).isEqualTo(30);
        assertThat(told).as("what was left out before is told all the same").hasSize(3);
        assertThat(lane.begin(now)).as("there is still something owed").isTrue();
        lane.tell(now, this::gather);
        assertThat(lane.begin(now)).isFalse();
    }

    @Test
    void moreSourcesThanThereIsRoomForHaveNoLimitUntilOthersAreIdle() throws IOException {
        limits("source_id: 1\n", 1_000);
        Limiter limiter = limits.limiters().get(0);
        for (int i = 0; i < 1_000; i++) {
            assertThat(limiter.of("source-" + i, second)).isNotNull();
        }
        assertThat(lines(3, "one more")).isEqualTo(3);
        assertThat(metrics.scrape()).contains("ingress_without_limit_total 1.0");
        pass(60_000);
        limiter.expire(second);
        assertThat(lines(3, "one more")).as("there is room now").isEqualTo(1);
        assertThat(lines(3, "another")).isEqualTo(1);
    }

    @Test
    void moreSourcesThanAreKnownAtATimeAreToldWhatTheyLostAllTheSame() throws IOException {
        limits("space_id: 0\n", 4);
        for (int line = 0; line < 20; line++) {
            assertThat(lines(1, "source-" + line % 10, Map.of("space_id", "full")))
                    .isZero();
        }
        pass(LaneLimits.NOTICE_MILLIS);
        lane.tell(now, this::gather);
        assertThat(told)
                .hasSize(10)
                .allMatch(notice -> notice.getTagsOrThrow("loss_count").equals("2"));
    }

    @Test
    void whenAsManyAreOwedANoticeAsMayBeKnownAllAreToldAtOnce() throws IOException {
        limits("space_id: 0\n", 4);
        for (int line = 0; line < 4; line++) {
            assertThat(lane.isOwingMany()).isFalse();
            lines(2, "source-" + line, Map.of("space_id", "full"));
        }
        assertThat(lane.isOwingMany()).isTrue();
        lane.tellAll(this::gather);
        assertThat(told)
                .hasSize(4)
                .allMatch(notice -> notice.getTagsOrThrow("loss_count").equals("2"));
        assertThat(lane.isOwingMany()).isFalse();
    }

    @Test
    void whoIsKeptOutAltogetherKeepsItsLimitForAsLongAsItLogs() throws IOException {
        limits("space_id: 0\n", 1);
        Limiter limiter = limits.limiters().get(0);
        for (int i = 0; i < 5; i++) {
            assertThat(lines(1, "app", Map.of("space_id", "full"))).isZero();
            pass(30_000);
            limiter.expire(second);
            assertThat(limiter.of("other", second)).isNull();
        }
        pass(60_000);
        limiter.expire(second);
        assertThat(limiter.of("other", second)).isNotNull();
    }

    @Test
    void whoWasLimitedLatelyIsKnown() throws IOException {
        limits("source_id: 10\n");
        lines(15, "app");
        assertThat(lane.lately(now)).isEqualTo(Map.of("app", 5L));
        assertThat(lane.lately(now + 30_000)).isEmpty();
    }
}
