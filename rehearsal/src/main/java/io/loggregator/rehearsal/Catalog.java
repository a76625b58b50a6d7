package io.loggregator.rehearsal;

import io.loggregator.rehearsal.Rehearsal.Need;
import io.loggregator.rehearsal.network.Harm;
import io.loggregator.rehearsal.nodes.Setup;
import io.loggregator.rehearsal.proxy.Direction;
import io.loggregator.rehearsal.proxy.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All rehearsals there are, in the order in which they are held. */
final class Catalog {
    /** So fast that what a reader does not take is overwritten in a few seconds. */
    private static final int FLOOD = 10;
    /** Bytes a second of a link that is hardly one: a twelfth of what the short form sends over it. */
    private static final long TRICKLE = 20_000;

    private static final int CROWD = 1_000;
    private static final int LARGE_CROWD = 10_000;
    private static final double TRICKLING = 0.05;

    private static final int FEW_CALLERS = 10;
    /** More than a Traffic Controller asks an authority about at a time. */
    private static final int CALLERS = 80;

    private final List<Rehearsal> all = new ArrayList<>();
    private final boolean brief;

    private Catalog(boolean brief) {
        this.brief = brief;
    }

    /** @param brief the short form: each fault once, and for a few seconds */
    static List<Rehearsal> of(boolean brief) {
        Catalog catalog = new Catalog(brief);
        catalog.processes();
        catalog.links();
        catalog.packets();
        catalog.clients();
        catalog.surroundings();
        catalog.hosts();
        return List.copyOf(catalog.all);
    }

    /** The names of all faults. */
    static Set<String> faults() {
        return of(false).stream().map(Rehearsal::fault).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private void add(String fault, String title, Rehearsal.Action action) {
        add(fault, title, Setup.USUAL, action);
    }

    private void add(String fault, String title, Setup setup, Rehearsal.Action action) {
        Need need = setup == Setup.CLOCKED ? Need.CLOCKS : Need.NOTHING;
        all.add(new Rehearsal(fault, title, setup, need, action));
    }

    /** What a rehearsal does for some seconds. */
    @FunctionalInterface
    private interface Lasting {
        Rehearsal.Action of(Duration time);
    }

    private void lasting(String fault, String title, List<Integer> seconds, Lasting action) {
        lasting(fault, title, Setup.USUAL, seconds, action);
    }

    private void lasting(String fault, String title, Setup setup, List<Integer> seconds, Lasting action) {
        for (int each : brief ? seconds.subList(0, 1) : seconds) {
            add(fault, title + ", " + each + " s", setup, action.of(Duration.ofSeconds(each)));
        }
    }

    private void processes() {
        add("kill-traffic-controller", "kill -9 of a Traffic Controller", Signals::killTrafficController);
        add("kill-doppler", "kill -9 of a Doppler", Signals::killDoppler);
        add("stop-traffic-controller", "SIGTERM of a Traffic Controller", Signals::stopTrafficController);
        add("stop-doppler", "SIGTERM of a Doppler", Stage::stopDoppler);
        lasting(
                "freeze-traffic-controller",
                "SIGSTOP of a Traffic Controller",
                List.of(3, 1, 10, 20),
                time -> stage -> Signals.freezeTrafficController(stage, time));
        lasting(
                "freeze-doppler",
                "SIGSTOP of a Doppler",
                List.of(3, 1, 10, 20),
                time -> stage -> Signals.freezeDoppler(stage, time));
        if (!brief) {
            add(
                    "freeze-traffic-controller",
                    "SIGSTOP of a Traffic Controller, 60 s",
                    Setup.PATIENT,
                    stage -> Signals.freezeTrafficController(stage, Duration.ofMinutes(1)));
            add(
                    "freeze-doppler",
                    "SIGSTOP of a Doppler, 60 s",
                    Setup.PATIENT,
                    stage -> Signals.freezeDoppler(stage, Duration.ofMinutes(1)));
        }
        lasting("udp-agents", "SIGSTOP of a Doppler that datagrams are sent to", List.of(3, 10), UdpAgents::new);
    }

    private void links() {
        add("reset-link", "a link reset", stage -> {
            link(stage).reset();
            stage.hold(Duration.ofSeconds(1));
        });
        lasting("cut-link", "a link cut", List.of(2, 10, 20), time -> onLink(FaultProxy::cut, time));
        lasting(
                "silent-link",
                "a link silent both ways",
                List.of(3, 10, 20),
                time -> onLink(
                        link -> {
                            link.hold(Direction.FORTH);
                            link.hold(Direction.BACK);
                        },
                        time));
        lasting(
                "silent-from-doppler",
                "a link silent from the Doppler",
                List.of(3, 10, 20),
                time -> onLink(link -> link.hold(Direction.BACK), time));
        lasting(
                "silent-to-doppler",
                "a link silent to the Doppler",
                List.of(3, 10, 20),
                time -> onLink(link -> link.hold(Direction.FORTH), time));
        lasting(
                "slow-link",
                "a link of 20 kB/s",
                List.of(4, 15),
                time -> onLink(
                        link -> {
                            link.limit(Direction.FORTH, TRICKLE);
                            link.limit(Direction.BACK, TRICKLE);
                        },
                        time));
        lasting(
                "late-link",
                "a link with a delay of 300 ms",
                List.of(4, 15),
                time -> onLink(
                        link -> {
                            link.delay(Direction.FORTH, Duration.ofMillis(300));
                            link.delay(Direction.BACK, Duration.ofMillis(300));
                        },
                        time));
    }

    private static FaultProxy link(Stage stage) {
        return stage.nodes().link(Stage.VICTIM, Stage.VICTIM);
    }

    /** What is done to the network. */
    @FunctionalInterface
    private interface ProxyHarm {
        void to(FaultProxy proxy);
    }

    private static Rehearsal.Action onLink(ProxyHarm harm, Duration time) {
        return stage -> {
            FaultProxy link = link(stage);
            harm.to(link);
            try {
                stage.holdLinks(time);
            } finally {
                link.heal();
            }
            stage.nodes().awaitLinks();
        };
    }

    private void packets() {
        List<Integer> strengths = brief ? List.of(10) : List.of(1, 10, 30);
        for (int percent : strengths) {
            packets("lossy-link", "links that lose", Harm.LOSS, percent, PacketsHarmed::ofLink);
        }
        packets("disordered-link", "links that delay", Harm.DISORDER, 25, PacketsHarmed::ofLink);
        packets("doubling-link", "links that double", Harm.REPETITION, 10, PacketsHarmed::ofLink);
        for (int percent : strengths) {
            packets("lossy-agents", "agents that lose", Harm.LOSS, percent, PacketsHarmed::ofAgents);
        }
        for (int percent : strengths) {
            packets("lossy-clients", "clients that lose", Harm.LOSS, percent, PacketsHarmed::ofClients);
        }
    }

    private void packets(String fault, String who, Harm harm, int percent, PacketsHarmed.Ports ports) {
        int seconds = brief ? 3 : 15;
        all.add(new Rehearsal(
                fault,
                who + " " + percent + " % of the packets, " + seconds + " s",
                Setup.USUAL,
                Need.OWN_NETWORK,
                new PacketsHarmed(harm, percent, ports, Duration.ofSeconds(seconds))));
    }

    private void clients() {
        lasting(
                "slow-reader",
                "firehose clients that take 50 kB/s each of ten times the rate",
                List.of(5, 15, 30),
                time -> onReader(Audience::doors, door -> door.limit(Direction.BACK, 50_000), time));
        lasting(
                "stuck-reader",
                "firehose clients that take nothing of ten times the rate",
                List.of(8, 3, 20),
                time -> onReader(Audience::doors, door -> door.hold(Direction.BACK), time));
        lasting(
                "slow-app-stream",
                "an app stream that takes 50 kB/s of ten times the rate",
                List.of(5, 15, 30),
                time -> onReader(Audience::appDoors, door -> door.limit(Direction.BACK, 50_000), time));
        lasting(
                "stuck-app-stream",
                "an app stream that takes nothing of ten times the rate",
                List.of(8, 3, 20),
                time -> onReader(Audience::appDoors, door -> door.hold(Direction.BACK), time));
        add("crowd", "1,000 clients connect and reconnect at once", stage -> stage.crowd(CROWD));
        lasting("garbage", "garbage to every port", List.of(4, 15), time -> stage -> stage.garbage(time));
    }

    /** What servers depend on and do not have in hand. */
    private void surroundings() {
        lasting(
                "names-fail",
                "a Doppler's name cannot be looked up, and nobody answers",
                List.of(1, 10),
                time -> stage -> NamesChange.fail(stage, time));
        lasting(
                "names-lie",
                "a Doppler's name stands for others, for nobody, and for it elsewhere",
                List.of(1, 10),
                time -> stage -> NamesChange.lie(stage, time));
        lasting(
                "traffic-controller-files",
                "a Traffic Controller may open no more files",
                List.of(1, 15),
                time -> stage -> DescriptorsRunOut.atTrafficController(stage, time));
        lasting(
                "firehose-away",
                "a firehose away for longer than FIREHOSE_GRACE",
                Setup.IMPATIENT,
                List.of(1, 10),
                FirehoseStaysAway::new);
        lasting(
                "frozen-too-long",
                "SIGSTOP of a Traffic Controller for longer than FIREHOSE_GRACE",
                Setup.IMPATIENT,
                List.of(1, 10),
                time -> stage -> SilentForTooLong.freeze(stage, time));
        lasting(
                "doppler-frozen-too-long",
                "SIGSTOP of a Doppler for longer than it is waited for",
                Setup.IMPATIENT,
                List.of(1, 10),
                time -> stage -> Signals.freezeDopplerTooLong(stage, time));
        lasting(
                "silent-too-long",
                "a link silent both ways for longer than FIREHOSE_GRACE",
                Setup.IMPATIENT,
                List.of(1, 10),
                time -> stage -> SilentForTooLong.silence(stage, time));
        lasting(
                "disk-full",
                "the disk of a Traffic Controller's security event log is full",
                Setup.DISK_FULL,
                List.of(1, 15),
                DiskFull::new);
        lasting(
                "authority-hangs",
                "UAA and Cloud Controller silent, then late, then gone",
                Setup.GUARDED,
                List.of(1, 25),
                time -> new AuthorityHangs(time, brief ? FEW_CALLERS : CALLERS));
        lasting(
                "clock-jumps",
                "clocks set 2 h forward, back, and right, each for a while",
                Setup.CLOCKED,
                List.of(1, 10),
                ClocksJump::new);
        lasting(
                "certificates-expire",
                "certificates that are renewed, expire, and are renewed",
                List.of(1, 10),
                time -> new CertificatesExpire(Duration.ofSeconds(12), time));
        lasting(
                "doppler-files",
                "a Doppler may open no more files",
                List.of(1, 15),
                time -> stage -> DescriptorsRunOut.atDoppler(stage, time));
        if (!brief) {
            largeCrowd();
        }
    }

    private void largeCrowd() {
        // Slowly, since the links are dead again and again for as long as the handshakes last.
        add("large-crowd", "10,000 clients connect and reconnect at once, a twentieth of the rate", stage -> {
            stage.faster(TRICKLING);
            try {
                stage.crowd(LARGE_CROWD);
            } finally {
                stage.faster(1);
            }
        });
    }

    /** What befalls machines, and the network between them. */
    private void hosts() {
        onHosts(
                "host-unplugged-doppler",
                "the cable of a Doppler's host pulled out",
                List.of(3, 10, 20),
                time -> stage -> HostsFail.dopplerUnplugged(stage, time));
        onHosts(
                "host-unplugged-traffic-controller",
                "the cable of a Traffic Controller's host pulled out",
                List.of(3, 10, 20),
                time -> stage -> HostsFail.trafficControllerUnplugged(stage, time));
        onHosts(
                "host-gone-doppler",
                "a Doppler's host gone, and another with its address",
                List.of(2, 10, 20),
                time -> stage -> HostsFail.dopplerGone(stage, time));
        onHosts(
                "host-gone-traffic-controller",
                "a Traffic Controller's host gone, and another with its address",
                List.of(2, 10, 20),
                time -> stage -> HostsFail.trafficControllerGone(stage, time));
        onHosts(
                "hosts-parted",
                "no packets between a Doppler and a Traffic Controller",
                List.of(3, 10, 20),
                time -> new HostsParted(true, true, time));
        onHosts(
                "hosts-parted-from-doppler",
                "no packets from a Doppler to a Traffic Controller",
                List.of(3, 10, 20),
                time -> new HostsParted(false, true, time));
        onHosts(
                "hosts-parted-to-doppler",
                "no packets from a Traffic Controller to a Doppler",
                List.of(3, 10, 20),
                time -> new HostsParted(true, false, time));
    }

    private void onHosts(String fault, String title, List<Integer> seconds, Lasting action) {
        for (int each : brief ? seconds.subList(0, 1) : seconds) {
            all.add(new Rehearsal(
                    fault, title + ", " + each + " s", Setup.USUAL, Need.HOSTS, action.of(Duration.ofSeconds(each))));
        }
    }

    private static Rehearsal.Action onReader(
            Function<Audience, List<FaultProxy>> doors, ProxyHarm harm, Duration time) {
        return stage -> {
            doors.apply(stage.audience()).forEach(harm::to);
            stage.faster(FLOOD);
            try {
                stage.hold(time);
            } finally {
                stage.faster(1);
                doors.apply(stage.audience()).forEach(FaultProxy::heal);
            }
        };
    }
}
