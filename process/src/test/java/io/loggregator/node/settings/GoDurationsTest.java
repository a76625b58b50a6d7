package io.loggregator.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "+0, PT0S",
        "-0, PT0S",
        "30s, PT30S",
        "1m30s, PT1M30S",
        "500ms, PT0.5S",
        "1.5h, PT1H30M",
        "-2m, PT-2M",
        ".5s, PT0.5S",
        "1.s, PT1S",
        "7us, PT0.000007S",
        "7µs, PT0.000007S",
        "7μs, PT0.000007S",
        "9ns, PT0.000000009S",
        "1.9ns, PT0.000000001S",
        "1s1s, PT2S",
        "9223372036854775807ns, PT2562047H47M16.854775807S"
    })
    void gosNotationIsRead(String text, Duration duration) {
        assertThat(GoDurations.parse(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "30",
                "s",
                ".s",
                "1",
                "1d",
                "1 s",
                "1s ",
                "1m 30s",
                "--1s",
                "1s-1s",
                "1e3s",
                "1S",
                "٣s",
                "9223372036854775808ns",
                "2562048h",
                "99999999999999999999999999999999999999999999999999999999999999999s"
            })
    void otherTextsAreRefused(String text) {
        assertThatThrownBy(() -> GoDurations.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void whatIsShownReadsBackAsTheSame(@ForAll long nanos) {
        Duration duration = Duration.ofNanos(nanos == Long.MIN_VALUE ? 0 : nanos);
        assertThat(GoDurations.parse(GoDurations.format(duration))).isEqualTo(duration);
    }

    @Property
    void partsAddUp(
            @ForAll @IntRange(max = 10_000) int hours,
            @ForAll @IntRange(max = 10_000) int seconds,
            @ForAll @IntRange(max = 999) int millis) {
        assertThat(GoDurations.parse(hours + "h" + seconds + "." + String.format("%03d", millis) + "s"))
                .isEqualTo(Duration.ofHours(hours).plusSeconds(seconds).plusMillis(millis));
    }
}
