package io.loggregator.rehearsal.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HarmTest {
    @Test
    void losesOnTheWayAndInBothDirections() {
        assertThat(Harm.LOSS.rules(30, List.of(7001, 7000))).isEqualTo("""
                        table ip rehearsal {
                         chain harm {
                          type filter hook input priority 0; policy accept;
                          tcp dport { 7000, 7001 } numgen random mod 100 < 30 counter drop
                          tcp sport { 7000, 7001 } numgen random mod 100 < 30 counter drop
                         }
                        }
                        """);
    }

    @Test
    void disordersOnTheWayOut() {
        assertThat(Harm.DISORDER.rules(10, List.of(7000)))
                .contains("hook output", "{ 7000 } numgen random mod 100 < 10 counter meta priority set 1:2\n");
    }

    @Test
    void repeatsToWhereThePacketGoes() {
        assertThat(Harm.REPETITION.rules(10, List.of(7000)))
                .contains("hook prerouting", "numgen random mod 100 < 10 counter dup to 127.0.0.1 device \"lo\"\n");
    }

    @Test
    void isNoticedByAnotherCounterEach() {
        TcpCounters counters = new TcpCounters(List.of(
                "Tcp: OutSegs RetransSegs", "Tcp: 9 1",
                "TcpExt: TCPSACKReorder TCPTSReorder TCPDSACKOldSent", "TcpExt: 20 3 400"));

        assertThat(Harm.LOSS.noticed(counters)).isEqualTo(1);
        assertThat(Harm.DISORDER.noticed(counters)).isEqualTo(23);
        assertThat(Harm.REPETITION.noticed(counters)).isEqualTo(400);
    }
}
