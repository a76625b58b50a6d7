package io.loggregator.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ReadinessTest {
    private final Readiness readiness = new Readiness();

    @Test
    void aServerWithoutChecksIsReady() {
        assertThat(readiness.reasons()).isEmpty();
    }

    @Test
    void everyCheckThatIsNotFineGivesItsReason() {
        AtomicReference<Optional<String>> links = new AtomicReference<>(Optional.of("no Doppler is connected"));
        readiness.check("links", links::get);
        readiness.check("log", Optional::empty);
        readiness.check("tokens", () -> {
            throw new IllegalStateException("no answer");
        });
        assertThat(readiness.reasons())
                .containsExactly(
                        "links: no Doppler is connected",
                        "tokens: the check failed: java.lang.IllegalStateException: no answer");
        links.set(Optional.empty());
        assertThat(readiness.reasons()).hasSize(1);
    }

    @Test
    void aServerThatIsStoppingIsNotReady() {
        readiness.stopping();
        assertThat(readiness.reasons()).containsExactly("server: stopping");
    }

    @Test
    void namesAreUnique() {
        readiness.check("links", Optional::empty);
        assertThatThrownBy(() -> readiness.check("links", Optional::empty))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
