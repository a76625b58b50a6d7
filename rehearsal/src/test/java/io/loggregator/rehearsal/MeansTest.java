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
    private final Rehearsal unplugged = rehearsal("host-unplugged", Need.HOSTS);
    private final List<Rehearsal> all = List.of(plain, lossy, lossy, jumps, unplugged);

    private static Rehearsal rehearsal(String fault, Need need) {
        return new Rehearsal(fault, fault, Setup.USUAL, need, stage -> {});
    }

    @Test
    void whereThereIsAllNothingIsLeftOut() {
        Means means = new Means("own", Optional.empty(), LIBRARY);

        assertThat(means.possible(all)).isEqualTo(all);
        assertThat(means.missing(all)).isEmpty();
    }

    @Test
    void withoutANetworkOfTheirOwnPacketsAndHostsAreLeftOut() {
        Means means = new Means("unshare failed: Operation not permitted", Optional.empty(), LIBRARY);

        assertThat(means.possible(all)).containsExactly(plain, jumps);
        assertThat(means.missing(all))
                .hasSize(2)
                .anyMatch(each -> each.startsWith("left out: lossy-link: "))
                .anyMatch(each -> each.startsWith("left out: host-unplugged: "))
                .allSatisfy(each -> assertThat(each)
                        .contains("Operation not permitted", "apt-get install nftables iproute2", "user namespaces"));
    }

    @Test
    void whereHostsCannotBeJoinedTheyAreLeftOut() {
        Means means = new Means("own", Optional.of("Error: Unknown device type."), LIBRARY);

        assertThat(means.possible(all)).containsExactly(plain, lossy, lossy, jumps);
        assertThat(means.missing(all))
                .singleElement()
                .asString()
                .startsWith("left out: host-unplugged: ")
                .contains("Unknown device type", "util-linux");
    }

    @Test
    void withoutTheLibraryClocksAreLeftOut() {
        Means means = new Means("own", Optional.empty(), Optional.empty());

        assertThat(means.possible(all)).containsExactly(plain, lossy, lossy, unplugged);
        assertThat(means.missing(all))
                .singleElement()
                .asString()
                .startsWith("left out: clock-jumps: ")
                .contains("apt-get install faketime");
    }

    @Test
    void whatNobodyWantsIsNotMissing() {
        assertThat(new Means("none", Optional.empty(), Optional.empty()).missing(List.of(plain)))
                .isEmpty();
    }
}
