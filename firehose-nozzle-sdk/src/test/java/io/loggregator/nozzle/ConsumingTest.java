package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.loggregator.nozzle.testkit.Answer;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import java.time.Duration;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Envelopes one by one: by an iterator and by a publisher. */
class ConsumingTest {
    private final LoggregatorEndpoint server = LoggregatorEndpoint.start();
    private final ScriptedStream stream = server.firehose("nozzle");

    @AfterEach
    void stop() {
        server.close();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("nozzle-")));
    }

    private Nozzle.Builder builder() {
        return Nozzle.builder()
                .endpoint(server.uri())
                .firehose("nozzle")
                .backOff(new BackOff(Duration.ofMillis(1), Duration.ofMillis(50)));
    }

    private static String text(Envelope envelope) {
        return ((Log) envelope).text();
    }

    @Test
    void anIteratorAcknowledgesWhatLiesBehindIt() {
        stream.send(Platform.log("app", "one"), Platform.log("app", "two"));
        stream.send(Platform.log("app", "three"), Platform.log("app", "four"));
        try (EnvelopeIterator envelopes = builder().iterate()) {
            assertThat(text(envelopes.next())).isEqualTo("one");
            assertThat(text(envelopes.next())).isEqualTo("two");
            assertThat(stream.acknowledged().now()).isZero();
            assertThat(text(envelopes.next())).isEqualTo("three");
            stream.awaitAcknowledged(2);
        }
        // The second batch was not read to its end.
        try (EnvelopeIterator envelopes = builder().iterate()) {
            assertThat(text(envelopes.next())).isEqualTo("three");
            assertThat(text(envelopes.next())).isEqualTo("four");
        }
        stream.awaitAcknowledged(4);
    }

    @Test
    void anIteratorThatIsClosedHasNoNext() {
        EnvelopeIterator envelopes = builder().iterate();
        envelopes.close();
        assertThat(envelopes.hasNext()).isFalse();
    }

    @Test
    void anIteratorTellsWhyThereWillBeNone() {
        server.answers(stream.path()).always(Answer.status(404));
        try (EnvelopeIterator envelopes = builder().iterate()) {
            assertThatThrownBy(envelopes::hasNext).isInstanceOf(RefusedException.class);
        }
    }

    @Test
    void aPublisherSendsWhatIsRequested() throws Exception {
        Subscriber subscriber = new Subscriber();
        Nozzles.publisher(builder()).subscribe(subscriber);
        stream.send(Platform.log("app", "one"), Platform.log("app", "two"));
        stream.awaitConnection(1).creditGiven().await(bytes -> bytes > 0);
        subscriber.subscription.request(1);
        assertThat(subscriber.next()).isEqualTo("one");
        assertThat(stream.acknowledged().now()).isZero();
        assertThat(subscriber.events).isEmpty();
        subscriber.subscription.request(1);
        assertThat(subscriber.next()).isEqualTo("two");
        stream.awaitAcknowledged(2);
        subscriber.subscription.cancel();
        stream.awaitConnection(1).awaitEnd();
        assertThat(subscriber.events).isEmpty();
    }

    @Test
    void aSubscriberIsToldOfTheEnd() throws Exception {
        server.answers(stream.path()).always(Answer.status(404));
        Subscriber subscriber = new Subscriber();
        Nozzles.publisher(builder()).subscribe(subscriber);
        assertThat(subscriber.next()).startsWith("error RefusedException");
    }

    @Test
    void aRequestForNothingIsAnError() throws Exception {
        Subscriber subscriber = new Subscriber();
        Nozzles.publisher(builder()).subscribe(subscriber);
        subscriber.subscription.request(0);
        assertThat(subscriber.next()).isEqualTo("error IllegalArgumentException a request for 0 envelopes");
    }

    private static final class Subscriber implements Flow.Subscriber<Envelope> {
        private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
        private Flow.Subscription subscription;

        String next() throws InterruptedException {
            String event = events.poll(20, TimeUnit.SECONDS);
            assertThat(event).isNotNull();
            return event;
        }

        @Override
        public void onSubscribe(Flow.Subscription to) {
            subscription = to;
        }

        @Override
        public void onNext(Envelope envelope) {
            events.add(text(envelope));
        }

        @Override
        public void onError(Throwable problem) {
            events.add("error " + problem.getClass().getSimpleName() + " " + problem.getMessage());
        }

        @Override
        public void onComplete() {
            events.add("complete");
        }
    }
}
