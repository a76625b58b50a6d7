package io.loggregator.rehearsal.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PacketsTest {
    @Test
    void countsWhatAllRulesStruck() throws Exception {
        String listing = """
                {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "ip", "name": "rehearsal"}},
                 {"rule": {"chain": "harm", "expr": [{"match": {"op": "==", "right": 7000}},
                  {"counter": {"packets": 83, "bytes": 119748}}, {"drop": null}]}},
                 {"rule": {"chain": "harm", "expr": [{"counter": {"packets": 51, "bytes": 2876}}, {"drop": null}]}}]}
                """;

        assertThat(Packets.struck(listing)).isEqualTo(134);
    }

    @Test
    void nothingStruckWithoutRules() throws Exception {
        assertThat(Packets.struck("{\"nftables\": [{\"metainfo\": {\"version\": \"1.0.6\"}}]}"))
                .isZero();
    }

    @Test
    void readsTheKernelsCounters() throws Exception {
        TcpCounters counters = TcpCounters.now();

        assertThat(List.of(counters.sentAgain(), counters.reordered(), counters.arrivedTwice()))
                .allSatisfy(count -> assertThat(count).isNotNegative());
    }

    @Test
    void whatTheKernelDoesNotCountIsNone() {
        TcpCounters counters = new TcpCounters(List.of("Tcp: OutSegs MaxConn", "Tcp: 9 -1"));

        assertThat(counters.sentAgain()).isZero();
    }
}
