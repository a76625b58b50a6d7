package io.loggregator.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.rehearsal.Rehearsal.Need;
import io.loggregator.rehearsal.nodes.Setup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeansTest {
    private static final Optional<Path> LIBRARY = Optional.of(Path.of("libfaketime.so.1"));

    private final Rehearsal plain = rehearsal("kill", Need.NOTHING);
    private final Rehearsal lossy = rehearsal("lossy-link", Need.OWN_NETWORK);
    private final Rehearsal jumps = rehearsal("clock-jumps", Need.CLOCKS);
    private final List<Rehearsal> all = List.of(plain, lossy, lossy, jumps);

    private static Rehearsal rehearsal(String fault, Need need) {
        return new Rehearsal(fault, fault, Setup.USUAL, need, stage -> {});
    }

    @Test
    void whereThereIsAllNothingIsLeftOut() {
        Means means = new Means("own", LIBRARY);

        assertThat(means.possible(all)).isEqualTo(all);
        assertThat(means.missing(all)).isEmpty();
    }

    @Test
    void withoutANetworkOfTheirOwnPacketsAreLeftOut() {
        Means means = new Means("unshare failed: Operation not permitted", LIBRARY);

        assertThat(means.possible(all)).containsExactly(plain, jumps);
        assertThat(means.missing(all))
                .singleElement()
                .asString()
                .startsWith("left out: lossy-link: ")
                .contains("Operation not permitted", "apt-get install nftables iproute2", "user namespaces");
    }

    @Test
    void withoutTheLibraryClocksAreLeftOut() {
        Means means = new Means("own", Optional.empty());

        assertThat(means.possible(all)).containsExactly(plain, lossy, lossy);
        assertThat(means.missing(all))
                .singleElement()
                .asString()
                .startsWith("left out: clock-jumps: ")
                .contains("apt-get install faketime");
    }

    @Test
    void whatNobodyWantsIsNotMissing() {
        assertThat(new Means("none", Optional.empty()).missing(List.of(plain))).isEmpty();
    }
}
