package io.loggregator.rehearsal;

import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.rehearsal.nodes.HostsFile;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.proxy.FaultProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What DNS says of a Doppler is wrong, or changes, while links live and while they break. */
final class NamesChange {
    /** Long enough for everybody to have looked up what stands there now. */
    private static final Duration LOOKED_UP = Nodes.LOOKUP.multipliedBy(3);

    private static final String NAME = Nodes.nameOfDoppler(Stage.VICTIM);
    private static final String HOME = Credentials.HOST;
    private static final String MOVED = "127.0.0.2";
    private static final String STRANGER = "127.0.0.3";
    private static final String TWIN = "127.0.0.4";
    private static final String NOBODY = "127.0.0.5";

    private NamesChange() {}

    /** A name cannot be looked up, then nobody answers at all: it stands for what it stood for. */
    static void fail(Stage stage, Duration each) throws IOException, InterruptedException {
        HostsFile names = stage.nodes().names(Stage.VICTIM);
        try {
            names.answer(NAME, List.of());
            stage.hold(each);
            stage.resetLink();
            stage.nodes().awaitLinks();
            names.hang();
            try {
                stage.hold(each);
                stage.resetLink();
                stage.nodes().awaitLinks();
            } finally {
                names.answerAgain();
            }
        } finally {
            names.answer(NAME, List.of(HOME));
        }
    }

    /**
     * A name stands for addresses where somebody else is, or nobody, beside the right one and in its place; then the Doppler
     * moves, and moves back.
     */
    static void lie(Stage stage, Duration each) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        HostsFile names = nodes.names(Stage.VICTIM);
        int port = nodes.link(Stage.VICTIM, Stage.VICTIM).port();
        int other = (Stage.VICTIM + 1) % Nodes.EACH;
        List<FaultProxy> places = new ArrayList<>();
        try {
            places.add(at(STRANGER, port, nodes.trafficController(other).port("ws")));
            places.add(at(TWIN, port, nodes.doppler(other).port("link")));
            FaultProxy moved = at(MOVED, port, nodes.doppler(Stage.VICTIM).port("link"));
            places.add(moved);
            names.answer(NAME, List.of(NOBODY, STRANGER, TWIN, HOME));
            stage.hold(LOOKED_UP.plus(each));
            names.answer(NAME, List.of(NOBODY, STRANGER));
            stage.hold(LOOKED_UP);
            if (nodes.linksOf(Stage.VICTIM) != Nodes.LINKS) {
                throw new IOException("a link that was open has ended because its address is gone");
            }
            stage.resetLink();
            stage.linkStaysAway(each, "there is a link to somebody who is no Doppler");
            names.answer(NAME, List.of(MOVED));
            nodes.awaitLinks();
            stage.flow();
            names.answer(NAME, List.of(HOME));
            stage.hold(LOOKED_UP);
            stage.linksLost();
            moved.cut();
            nodes.awaitLinks();
        } finally {
            names.answer(NAME, List.of(HOME));
            places.forEach(FaultProxy::close);
        }
    }

    private static FaultProxy at(String address, int port, int target) throws IOException {
        return FaultProxy.at(new InetSocketAddress(address, port), target);
    }
}
