package io.loggregator.benchmarks.report;

import static io.loggregator.benchmarks.report.Samples.MACHINE;
import static io.loggregator.benchmarks.report.Samples.SECOND;
import static io.loggregator.benchmarks.report.Samples.cost;
import static io.loggregator.benchmarks.report.Samples.result;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.loggregator.benchmarks.run.ColdStart;
import io.loggregator.benchmarks.run.Datagrams;
import io.loggregator.benchmarks.run.Findings;
import io.loggregator.benchmarks.run.Idle;
import io.loggregator.benchmarks.run.Result;
import io.loggregator.benchmarks.run.SocketFloor;
import io.loggregator.benchmarks.udp.DatagramCounts;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {

    private final Findings findings = new Findings();

    @Test
    void quotesCpuForAMillionEnvelopesWithCompilersApart() {
        findings.add(result("20k", 20_000, 10 * SECOND, 0, 0));

        JsonNode json = Json.of(MACHINE, findings).get("results").get(0);

        // 200,000 envelopes: 1.5 s in all, of which 0.5 s the compilers'.
        assertThat(json.get("doppler").get("workSecondsPerMillion").asDouble()).isEqualTo(5.0);
        assertThat(json.get("doppler").get("compilerSeconds").asDouble()).isEqualTo(0.5);
        assertThat(json.get("doppler").get("timesGenerator").asDouble()).isEqualTo(1.25);
        assertThat(json.get("sentPerSecond").asDouble()).isEqualTo(20_000);
        assertThat(json.get("receivedPerSecond").asDouble()).isEqualTo(10_000);
        assertThat(json.get("keptUp").asBoolean()).isTrue();
        assertThat(json.get("latencyMillis").get("p50").asDouble()).isEqualTo(2.0);
    }

    @Test
    void holdsCostsAsMultiplesOfTheGeneratorAgainstTheAims() {
        findings.add(result("20k", 20_000, 10 * SECOND, 0, 0));

        assertThat(Aims.of(findings))
                .contains(
                        new Aim(
                                "20,000/s, one firehose: Doppler",
                                "1.25 x generator (5.0 CPU s/M)",
                                "at most 1.30 x",
                                true),
                        new Aim(
                                "20,000/s, one firehose: Traffic Controller",
                                "1.25 x generator (5.0 CPU s/M)",
                                "at most 1.00 x",
                                false));
    }

    @Test
    void atFullSpeedOnlyLossWithoutAWordIsAFault() {
        findings.set(100_000, List.of());
        findings.add(result("full-speed", 0, SECOND, 50_000, 50_000));
        assertThat(aim("emitted at full speed: lost without a word").met()).isTrue();

        Findings silent = new Findings();
        silent.add(result("full-speed", 0, SECOND, 50_000, 49_999));
        assertThat(Aims.of(silent))
                .contains(new Aim(
                        "emitted at full speed: lost without a word", "1 (50,000 lost, 49,999 announced)", "0", false));
    }

    @Test
    void comparesWhatArrivesAtFullSpeedWithTheRateWithoutLoss() {
        findings.set(10_000, List.of());
        findings.add(result("full-speed", 0, SECOND, 40_000, 40_000));

        // 160,000 in 20 s.
        assertThat(aim("emitted at full speed: arrives, of the rate without loss"))
                .matches(Aim::met)
                .extracting(Aim::measured)
                .isEqualTo("80 % (8,000/s of 200,000/s sent)");
    }

    @Test
    void lossBelowFullSpeedIsAFaultAnnouncedOrNot() {
        findings.add(result("20k", 20_000, 10 * SECOND, 3, 3));

        assertThat(aim("lost at all rates below full speed").met()).isFalse();
    }

    @Test
    void datagramsThatTheKernelDroppedOrNobodyGotAreAFault() {
        String what = "100,000 signed datagrams/s, one firehose: dropped by the kernel, lost";
        findings.set(datagrams(0, 1_000_000));
        assertThat(aim(what)).isEqualTo(new Aim(what, "0, 0 (of 1,000,000, 100,000/s sent)", "0, 0", true));
        findings.set(datagrams(3, 999_990));
        assertThat(aim(what)).isEqualTo(new Aim(what, "3, 7 (of 1,000,000, 100,000/s sent)", "0, 0", false));
        assertThat(new Report(MACHINE, findings).text()).contains("udp-100k");
    }

    private static Datagrams datagrams(long dropped, long arrived) {
        long sent = 1_000_000;
        DatagramCounts counts = new DatagramCounts(sent - dropped, sent - dropped, dropped);
        return new Datagrams("udp-100k", 100_000, sent, 10, counts, arrived, cost(1.5, 0.5), cost(1.5, 0.5));
    }

    @Test
    void setsWhatSocketsAloneCostBesideTheTrafficController() {
        findings.add(result("10k-1000-tails", 10_000, 20 * SECOND, 0, 0));
        findings.set(new SocketFloor(1_000, 100_000, 10, cost(0.7, 0.5)));

        // 0.2 s for 100,000 lines, where the generator needs 4 s for a million and a Traffic Controller 5.
        assertThat(new Report(MACHINE, findings).markdown())
                .contains("| 1000 tails | 10000 | 2.00 | 0.50 | 5.00 | 1.25 |");
    }

    @Test
    void addsCompilersToAColdStartsCost() {
        findings.add(result("20k", 20_000, 10 * SECOND, 0, 0));
        findings.set(new ColdStart(1.2, 2, result("20k", 20_000, 10 * SECOND, 0, 0)));

        assertThat(aim("the first 10 s after that, compilers included, against warm ones")
                        .measured())
                .isEqualTo("1.0 times (15.0 against 15.0 CPU s/M, both servers)");
    }

    @Test
    void tellsCoresOfServersThatDoNothing() {
        findings.add(new Idle("idle", 0, 10, cost(0.04, 0), cost(0.06, 0)));

        assertThat(aim("idle"))
                .isEqualTo(new Aim(
                        "idle", "Doppler 0.0040, Traffic Controller 0.0060 core", "at most 0.005 core each", false));
    }

    @Test
    void saysThatTheGeneratorFellBehind() {
        assertThat(text(result("20k", 20_000, 20 * SECOND, 0, 0))).contains("fell behind: 10000/s instead of 20000/s");
        assertThat(text(result("20k", 20_000, 10 * SECOND, 0, 0))).doesNotContain("fell behind");
        assertThat(text(result("full-speed", 0, 20 * SECOND, 0, 0))).doesNotContain("fell behind");
    }

    @Test
    void showsLossMachineFlagsAndFailures() {
        findings.add(result("20k", 20_000, 10 * SECOND, 12_345, 12_345));
        findings.flags("Doppler", "-XX:+UseSerialGC");
        findings.failed("100k", "no port");

        assertThat(new Report(MACHINE, findings).text())
                .contains(" 12345 ", "2 processors, A Processor; Linux 6; A VM 17", "commit abc")
                .contains("Doppler: -XX:+UseSerialGC", "100k failed: no port");
        assertThat(new Report(MACHINE, findings).markdown()).contains("| 12345 |", "- 2 processors", "- Doppler: ");
    }

    private Aim aim(String what) {
        return Aims.of(findings).stream()
                .filter(aim -> aim.what().equals(what))
                .findFirst()
                .orElseThrow();
    }

    private static String text(Result result) {
        Findings one = new Findings();
        one.add(result);
        return new Report(MACHINE, one).text();
    }
}
