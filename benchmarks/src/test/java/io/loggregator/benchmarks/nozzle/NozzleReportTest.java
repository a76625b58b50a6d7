package io.loggregator.benchmarks.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.loggregator.benchmarks.process.Cpu;
import java.util.List;
import org.junit.jupiter.api.Test;

class NozzleReportTest {
    private static final long MILLION = 1_000_000;

    @Test
    void quotesEnvelopesForEachCpuSecondWithCompilersApart() {
        JsonNode json = NozzleReport.json(List.of(result(ReaderKind.SDK_RAW, 2.5, 24, 300_000, 0)))
                .get(0);

        // 2.5 s in all, of which 0.5 s the compilers'.
        assertThat(json.get("envelopesPerCpuSecond").asDouble()).isEqualTo(500_000);
        assertThat(json.get("workSecondsPerMillion").asDouble()).isEqualTo(2.0);
        assertThat(json.get("allocatedBytesPerEnvelope").asDouble()).isEqualTo(24);
    }

    @Test
    void whatIsToldIsExplainedAndWhatIsMissingBesideItIsNot() {
        assertThat(result(ReaderKind.SDK_RAW, 2.5, 24, 300_000, 0).unexplained())
                .isZero();
        assertThat(result(ReaderKind.SDK_RAW, 2.5, 24, 300_000, 7).unexplained())
                .isEqualTo(7);
    }

    @Test
    void judgesEachAimByWhatItIsComparedWith() {
        List<NozzleResult> good = List.of(
                result(ReaderKind.FRAMES, 1.0, 1, 300_000, 0),
                result(ReaderKind.SDK_RAW, 1.0, 99, 300_000, 0),
                result(ReaderKind.SDK_TYPED, 1.5, 1023, 300_000, 0),
                result(ReaderKind.CF_JAVA_CLIENT, 5.5, 4000, 100_000, 0));
        List<NozzleResult> bad = List.of(
                result(ReaderKind.FRAMES, 1.0, 1, 300_000, 0),
                result(ReaderKind.SDK_RAW, 1.0, 100, 300_000, 0),
                result(ReaderKind.SDK_TYPED, 1.6, 1024, 299_000, 0),
                result(ReaderKind.CF_JAVA_CLIENT, 5.5, 4000, 100_000, 0));

        assertThat(NozzleReport.aims(good)).hasSize(5).allMatch(aim -> aim.startsWith("met "));
        assertThat(NozzleReport.aims(bad)).hasSize(5).allMatch(aim -> aim.startsWith("missed "));
        assertThat(NozzleReport.aims(bad.subList(0, 1))).isEmpty();
    }

    @Test
    void aReadingSurvivesTheWayBetweenProcesses() {
        Reading reading = new Reading(1, 2, 3, 4, 5, 6);

        assertThat(Reading.parse(reading.line())).isEqualTo(reading);
        assertThat(reading.known()).isEqualTo(3);
        assertThatThrownBy(() -> Reading.parse("1 2")).isInstanceOf(IllegalArgumentException.class);
    }

    /** A million received, ten were told as missing. */
    private static NozzleResult result(
            ReaderKind reader, double cpu, long bytesPerEnvelope, double most, long unexplained) {
        return new NozzleResult(
                reader,
                MILLION + 10,
                MILLION,
                new Cpu(cpu, 0.5, 0.1),
                bytesPerEnvelope * MILLION,
                400_000 + unexplained,
                400_000,
                new Cpu(cpu, 0.5, 0.1),
                400_000,
                10,
                0,
                most,
                1 << 20);
    }
}
