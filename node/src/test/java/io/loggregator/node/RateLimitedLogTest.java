package io.loggregator.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RateLimitedLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("rate-limited-log-test");
    private final ListAppender<ILoggingEvent> written = new ListAppender<>();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // wraps around soon, as nanoTime may
    private final RateLimitedLog log = new RateLimitedLog(logger, Duration.ofSeconds(10), nanos::get);

    @BeforeEach
    void listen() {
        logger.setAdditive(false);
        written.start();
        logger.addAppender(written);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(written);
    }

    @Test
    void theFirstLineOfAPeriodIsWrittenAndTheOthersAreCounted() {
        log.warn("bad batch from {}", "10.0.0.1");
        log.warn("bad batch from {}", "10.0.0.2");
        nanos.addAndGet(Duration.ofSeconds(10).toNanos() - 1);
        log.warn("bad batch from {}", "10.0.0.3");
        nanos.addAndGet(1);
        log.warn("bad batch from {}", "10.0.0.4");
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        log.warn("bad batch from {}", "10.0.0.5");
        assertThat(lines())
                .containsExactly(
                        "bad batch from 10.0.0.1",
                        "bad batch from 10.0.0.4 (2 more like this)",
                        "bad batch from 10.0.0.5");
        assertThat(written.list)
                .allSatisfy(event -> assertThat(event.getLevel()).isEqualTo(Level.WARN));
    }

    @Test
    void bracesInWhatPeersSentAreNotTakenForPlaceholders() {
        log.warn("path {}", "/{}/x");
        assertThat(lines()).containsExactly("path /{}/x");
    }

    @Test
    void anExceptionAsLastArgumentIsLogged() {
        log.warn("failed for {}", "a", new IllegalStateException("why"));
        assertThat(written.list.get(0).getThrowableProxy().getMessage()).isEqualTo("why");
    }

    @Test
    void manyThreadsAtOnceWriteOneLineAndCountTheRest() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                for (int j = 0; j < 100; j++) {
                    log.warn("same");
                }
            });
            thread.start();
            threads.add(thread);
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        log.warn("same");
        assertThat(lines()).hasSize(2);
        // Lines left out before the first one was complete may be told by it; together they are all.
        int told = lines().stream()
                .mapToInt(
                        line -> line.contains("(") ? Integer.parseInt(line.replaceAll(".*\\((\\d+) more.*", "$1")) : 0)
                .sum();
        assertThat(told).isEqualTo(799);
    }

    private List<String> lines() {
        return written.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
