package io.loggregator.doppler;

import static io.loggregator.doppler.RunningDoppler.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Query;
import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import io.loggregator.link.v1.Tails;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorIngress.BatchSenderResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two event loops, each with a log of its own: every source is still exact. */
class LanesTest {
    private static final int EMITTERS = 6;
    private static final int EACH = 2_000;

    private RunningDoppler doppler;
    private final List<Emitter> emitters = new ArrayList<>();
    private LinkClient here;
    private LinkClient there;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain(2);
        for (int i = 0; i < EMITTERS; i++) {
            emitters.add(Emitter.plain(doppler));
        }
        here = LinkClient.open(doppler);
        there = LinkClient.open(doppler);
    }

    @AfterEach
    void stop() {
        there.close();
        here.close();
        emitters.forEach(Emitter::close);
        doppler.close();
    }

    @Test
    void aGroupGetsEachSourceInOrderAndOnce() {
        here.join(1, "firehose");

        emitAll(0, EACH);

        eventually(() -> assertThat(here.delivered(1)).hasSize(EMITTERS * EACH));
        eachSource(here.delivered(1), 0, EACH);
        assertThat(here.batches()).extracting(Batch::getLane).contains(0, 1);
        here.sequences(1)
                .values()
                .forEach(sequence -> assertThat(sequence)
                        .isEqualTo(LongStream.rangeClosed(1, sequence.size())
                                .boxed()
                                .toList()));
        sums();
    }

    @Test
    void membersOnTwoLinksGetEachEnvelopeOnceAlsoWhenOneIsLost() {
        here.join(1, "shared", Filter.ALL, false);
        there.join(1, "shared");
        emitAll(0, EACH / 2);
        eventually(() ->
                assertThat(here.delivered(1).size() + there.delivered(1).size()).isEqualTo(EMITTERS * EACH / 2));

        here.cut();
        emitAll(EACH / 2, EACH);

        eventually(() -> assertThat(there.delivered(1)).hasSize(EMITTERS * EACH));
        List<Envelope> delivered = there.delivered(1);
        for (int i = 0; i < EMITTERS; i++) {
            assertThat(Envelopes.numbers(of("app-" + i, delivered)))
                    .containsExactlyInAnyOrderElementsOf(Envelopes.numbers(0, EACH));
        }
        sums();
    }

    @Test
    void tailsGoOnInEachLaneWhereTheyWere() {
        String[] sources =
                IntStream.range(0, EMITTERS).mapToObj(i -> "app-" + i).toArray(String[]::new);
        here.follow(sources);
        emitAll(0, EACH / 2);
        eventually(() -> assertThat(here.crossed()).hasSize(EMITTERS * EACH / 2));
        List<Envelope> first = here.crossed();
        Map<Integer, Long> positions = new HashMap<>();
        here.batches().forEach(batch -> positions.put(batch.getLane(), batch.getEnd()));
        here.cut();
        emitAll(EACH / 2, EACH);

        Start.Builder start = Start.newBuilder();
        positions.forEach((lane, position) ->
                start.addReceived(Received.newBuilder().setLane(lane).setPosition(position)));
        there.tails(Tails.newBuilder().addAllAdd(List.of(sources)).setStart(start));

        eventually(() -> assertThat(there.crossed()).hasSize(EMITTERS * EACH / 2));
        eachSource(first, 0, EACH / 2);
        eachSource(there.crossed(), EACH / 2, EACH);
    }

    @Test
    void recentLogsComeFromAllLanes() {
        for (Emitter emitter : emitters) {
            emitter.emit(Envelopes.logs("app", 0, 10));
        }

        List<LinkClient.Received> answer = here.query(here.query("app", Query.Kind.RECENT_LOGS, 0));

        assertThat(answer.stream().mapToInt(piece -> piece.envelopes().size()).sum())
                .isEqualTo(EMITTERS * 10);
    }

    @Test
    void largeEnvelopesOfOneLaneDoNotMixWithThoseOfTheOther() {
        here.join(1, "firehose");
        List<Upload<EnvelopeBatch, BatchSenderResponse>> uploads =
                emitters.stream().map(Emitter::batchSender).toList();

        for (int i = 0; i < 8; i++) {
            for (int emitter = 0; emitter < EMITTERS; emitter++) {
                uploads.get(emitter).send(Envelopes.batch(Envelopes.log("app-" + emitter, i, 2 << 20)));
            }
        }

        uploads.forEach(Upload::complete);
        // Not the list: telling what it lacks would write tens of megabytes out.
        eventually(() -> assertThat(here.delivered(1).size()).isEqualTo(EMITTERS * 8));
        eachSource(here.delivered(1), 0, 8);
        sums();
    }

    private void emitAll(int from, int to) {
        List<Upload<EnvelopeBatch, BatchSenderResponse>> uploads =
                emitters.stream().map(Emitter::batchSender).toList();
        for (int i = from; i < to; i += 10) {
            for (int emitter = 0; emitter < EMITTERS; emitter++) {
                uploads.get(emitter).send(Envelopes.batch(Envelopes.logs("app-" + emitter, i, i + 10)));
            }
        }
        uploads.forEach(Upload::complete);
    }

    private static void eachSource(List<Envelope> envelopes, int from, int to) {
        for (int i = 0; i < EMITTERS; i++) {
            assertThat(Envelopes.numbers(of("app-" + i, envelopes))).isEqualTo(Envelopes.numbers(from, to));
        }
    }

    private static List<Envelope> of(String source, List<Envelope> envelopes) {
        return Stream.of(envelopes)
                .flatMap(List::stream)
                .filter(envelope -> envelope.getSourceId().equals(source))
                .toList();
    }

    private void sums() {
        long accepted = doppler.metric("ingress_total");
        eventually(() -> assertThat(doppler.metric("egress_total")).isEqualTo(accepted));
        assertThat(doppler.metric("dropped_total")).isZero();
        doppler.balances();
    }
}
