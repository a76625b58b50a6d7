package io.loggregator.rehearsal;

import io.loggregator.benchmarks.load.Transport;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.reader.Outcome;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.rehearsal.account.Account;
import io.loggregator.rehearsal.network.Hosts;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Place;
import io.loggregator.rehearsal.nodes.Samples;
import io.loggregator.rehearsal.nodes.Setup;
import io.loggregator.rehearsal.proxy.FaultProxy;
import io.loggregator.rehearsal.traffic.Caller;
import io.loggregator.rehearsal.traffic.Crowd;
import io.loggregator.rehearsal.traffic.Garbage;
import io.loggregator.rehearsal.traffic.Reader;
import io.loggregator.rehearsal.traffic.SteadyEmitter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Where rehearsals are held, one after the other: the servers, an emitter for each Doppler, and the readers. The first
 * Doppler and the first Traffic Controller are those that faults befall: the app that is followed sends to that Doppler, and
 * the readers, but one of the two that share a subscription, are at that Traffic Controller when a rehearsal begins.
 */
final class Stage implements AutoCloseable {
    /** What faults befall. */
    static final int VICTIM = 0;
    /** Of the link, and of what is read. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    /** Of ten thousand handshakes at once, on a machine that has other work. */
    private static final Duration CROWD_LIMIT = Duration.ofMinutes(5);

    /** Twice as long as a link may be silent. */
    private static final Duration LINK_DEATH = Nodes.PING.multipliedBy(6);
    /** Nothing arrives for so long: nothing will. */
    private static final Duration IDLE = Duration.ofSeconds(10);
    /** Small, so that a client which reads little is noticed by the server and not by the kernel's memory alone. */
    private static final int CLIENT_SOCKET_BYTES = 64 * 1024;

    private static final int SOURCES = 4;
    /** Number of the source that the app stream follows. */
    static final int APP = 0;

    private static final String ALONE = "alone";
    private static final String SHARED = "shared";
    private static final String ACKNOWLEDGING = "acknowledging";

    private final Consumer<String> progress;
    private final Nodes nodes;
    private final Hosts hostsOrNull;
    private final EventLoopGroup group = Transport.loop();
    private final List<SteadyEmitter> emitters = new ArrayList<>();
    private final List<FaultProxy> doors = new ArrayList<>();
    private final List<FaultProxy> appDoors = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Reader> behindDoors = new ArrayList<>();
    private final SslContext agentTls;
    private final SslContext clientTls;
    private int phase;
    private Ledger ledger;

    /**
     * Starts everything; returns when all readers get what all emitters send.
     *
     * @param directory empty
     * @param hostsOrNull where the servers are, if not here
     * @param rate envelopes a second, of all emitters together
     * @param progress told what happens
     */
    Stage(Path launcher, Path directory, Hosts hostsOrNull, int rate, Consumer<String> progress)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        this.progress = progress;
        this.hostsOrNull = hostsOrNull;
        progress.accept("starting 2 Dopplers and 2 Traffic Controllers");
        nodes = new Nodes(launcher, directory, hostsOrNull == null ? Place.HERE : hostsOrNull);
        try {
            agentTls = nodes.agentTls();
            clientTls = nodes.clientTls();
            open(rate);
            begin();
            settle();
        } catch (IOException | InterruptedException | InvalidTlsMaterial | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open(int rate) throws IOException, InterruptedException, InvalidTlsMaterial {
        SslContext agent = agentTls;
        EventLoop loop = group.next();
        List<Endpoint> direct = new ArrayList<>();
        for (int i = 0; i < Nodes.EACH; i++) {
            InetSocketAddress ingress = nodes.ingress(i);
            emitters.add(new SteadyEmitter(
                    () -> Transport.channel(ingress, agent, Credentials.DOPPLER, group),
                    new int[] {i, i + Nodes.EACH},
                    SOURCES,
                    rate / Nodes.EACH));
            direct.add(nodes.edge(i, clientTls));
        }
        Reader alone = Reader.firehose(ALONE, loop, List.of(through(doors)));
        Reader shared = Reader.firehose(SHARED, loop, List.of(direct, List.of(direct.get(1), direct.get(0))));
        Reader acknowledging = Reader.acknowledging(ACKNOWLEDGING, loop, through(doors));
        behindDoors.addAll(List.of(alone, acknowledging));
        readers.addAll(List.of(alone, shared, acknowledging, Reader.stream(APP, loop, through(appDoors))));
    }

    /** A proxy before each Traffic Controller, for one client; none where there are hosts. */
    private List<Endpoint> through(List<FaultProxy> proxies) throws IOException, InterruptedException {
        List<Endpoint> through = new ArrayList<>();
        for (int i = 0; i < Nodes.EACH; i++) {
            if (hostsOrNull != null) {
                through.add(nodes.edge(i, clientTls));
                continue;
            }
            FaultProxy door = new FaultProxy(nodes.trafficController(i).port("ws"), CLIENT_SOCKET_BYTES);
            proxies.add(door);
            through.add(new Endpoint(door.port(), clientTls));
        }
        return through;
    }

    Nodes nodes() {
        return nodes;
    }

    /** Where the servers are; only for faults that need it. */
    Hosts hosts() {
        return hostsOrNull;
    }

    /** The proxies between the firehose clients that share with nobody and the Traffic Controllers. */
    List<FaultProxy> doors() {
        return doors;
    }

    /** The same of the client of the app stream. */
    List<FaultProxy> appDoors() {
        return appDoors;
    }

    /** The firehose clients that share with nobody, the one that acknowledges among them. */
    List<Reader> behindDoors() {
        return behindDoors;
    }

    /** Resets the connections of those clients and takes no others, until the doors heal; returns when they are away. */
    void cutDoors() throws IOException, InterruptedException {
        doors.forEach(FaultProxy::cut);
        Await.until(LIMIT, "the clients are away", () -> behindDoors.stream().noneMatch(Reader::open));
    }

    /** Waits until those clients are back. */
    void awaitBehindDoors() throws IOException, InterruptedException {
        Await.until(LIMIT, "the clients are back", () -> behindDoors.stream().allMatch(Reader::open));
    }

    /** How many connections readers have had so far. */
    int connections() {
        return readers.stream().mapToInt(Reader::connections).sum();
    }

    /** New clients of the Traffic Controller that faults befall. */
    Caller caller() throws IOException, InterruptedException {
        return new Caller(
                nodes.trafficController(VICTIM).port("ws"), nodes.credentials().ca());
    }

    /** Many clients come at the same moment, go, and come again; what they want nobody sends. */
    void crowd(int clients) throws IOException, InterruptedException {
        List<Endpoint> edges = new ArrayList<>();
        for (int i = 0; i < Nodes.EACH; i++) {
            edges.add(nodes.edge(i, clientTls));
        }
        try (Crowd crowd = new Crowd(clients, edges)) {
            Await.until(CROWD_LIMIT, "the crowd is connected", () -> crowd.open() == clients);
            crowd.reconnect();
            Await.until(CROWD_LIMIT, "the crowd is connected again", () -> crowd.connections() >= 2 * clients);
        }
    }

    /** Somebody sends bytes that mean nothing to every port of a Doppler and a Traffic Controller, for a while. */
    void garbage(Duration time) throws IOException, InterruptedException {
        try (Garbage garbage = new Garbage()) {
            garbage.to(nodes.doppler(VICTIM), agentTls, "grpc", "link", "pprof");
            garbage.to(nodes.trafficController(VICTIM), clientTls, "ws", "http", "grpc", "pprof");
            hold(time);
            tell(garbage.connections() + " connections with garbage");
        }
    }

    /** Tells whoever watches what happens. */
    void tell(String step) {
        progress.accept("  " + step);
    }

    /** Emitters send so many times as much. */
    void faster(double times) {
        emitters.forEach(emitter -> emitter.faster(times));
    }

    /** Links are dead or dying, for which {@link #holdLinks} is not waited. */
    void linksLost() throws IOException, InterruptedException {
        ledger.linkLost(nodes);
    }

    /** Resets the links between the Doppler and the Traffic Controller that faults befall. */
    void resetLink() throws IOException, InterruptedException {
        linksLost();
        nodes.link(VICTIM, VICTIM).reset();
    }

    /**
     * Waits until the links that were reset are gone, and for some time in which they do not come back.
     *
     * @param otherwise what is wrong if they do
     */
    void linkStaysAway(Duration time, String otherwise) throws IOException, InterruptedException {
        long others = Nodes.LINKS - Nodes.EVENT_LOOPS;
        Await.until(LIMIT, "the links that were reset are gone", () -> nodes.linksOf(VICTIM) == others);
        if (Await.within(time, () -> nodes.linksOf(VICTIM) != others)) {
            throw new IOException(otherwise);
        }
    }

    /** Sends nothing until everything has arrived and is confirmed, and while something is done then. */
    void inSilence(Hold meanwhile) throws IOException, InterruptedException {
        emitters.forEach(SteadyEmitter::pause);
        long[] sent = sent();
        Await.until(LIMIT, "all that was sent has arrived", () -> {
            for (Reader reader : readers) {
                if (!account(reader, sent, 0).sums() || !nothingUnderWay(reader)) {
                    return false;
                }
            }
            return true;
        });
        meanwhile.last();
        emitters.forEach(SteadyEmitter::resume);
    }

    /** In silence: the clients behind doors leave for longer than they are waited for. */
    void behindDoorsLeave() {
        ledger.left(sent());
    }

    /** They are forgotten, and will be taken for new ones, which get what is sent from now on. */
    void behindDoorsBeginAnew() throws IOException, InterruptedException {
        ledger.forgotten(nodes, behindDoors);
    }

    /** Logs that arrived once more, or after a later one of the same source at the same client; in this rehearsal. */
    long arrivedAgainOrLate() throws InterruptedException {
        long all = 0;
        for (Reader reader : readers) {
            Outcome outcome = reader.outcome(sent());
            all += outcome.duplicates() + outcome.outOfOrder();
        }
        return all;
    }

    /** Lets the fault last. */
    void hold(Duration time) throws InterruptedException {
        Await.pass(time);
    }

    /** Lets a fault last that kills links. */
    void holdLinks(Duration time) throws IOException, InterruptedException {
        Duration first = time.compareTo(LINK_DEATH) < 0 ? time : LINK_DEATH;
        Await.pass(first);
        ledger.linkLost(nodes);
        Await.pass(time.minus(first));
    }

    /** Holds a rehearsal and sums. */
    Finding rehearse(Rehearsal rehearsal) throws InterruptedException {
        long start = System.nanoTime();
        try {
            setUp(rehearsal.setup());
            begin();
            tell("fault");
            rehearsal.action().on(this);
            tell("healed");
            List<Account> accounts = settle();
            new BesideTheSums(nodes, ledger, readers).check(accounts);
            if (!accounts.stream().allMatch(Account::sums)) {
                nodes.keepMetrics();
            }
            return new Finding(rehearsal, accounts, secondsSince(start), null);
        } catch (IOException failed) {
            return new Finding(rehearsal, List.of(), secondsSince(start), failed.getMessage());
        }
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    }

    private void setUp(Setup setup) throws IOException, InterruptedException {
        SteadyEmitter emitter = emitters.get(VICTIM);
        int streams = emitter.streams();
        if (nodes.setUp(VICTIM, setup)) {
            Await.until(LIMIT, "the emitter has a stream to the Doppler again", () -> emitter.streams() > streams);
        }
    }

    /** Has all readers where they belong, begins a phase, and waits until every reader gets something of every emitter. */
    private void begin() throws IOException, InterruptedException {
        for (Reader reader : readers) {
            reader.goHome();
        }
        Await.until(LIMIT, "all readers are connected", this::allOpen);
        nodes.awaitLinks();
        phase++;
        ledger = Ledger.begin(nodes);
        for (Reader reader : readers) {
            reader.begin(phase, SOURCES);
        }
        emitters.forEach(emitter -> emitter.begin(phase));
        flow();
    }

    private boolean allOpen() {
        return readers.stream().allMatch(Reader::open);
    }

    /** Waits until traffic flows: every reader has something that was sent from now on, of each source that it reads. */
    void flow() throws IOException, InterruptedException {
        long[] sent = sent();
        for (Reader reader : readers) {
            for (int i = 0; i < SOURCES; i++) {
                int source = i;
                if (reader.reads(source)) {
                    Await.until(
                            LIMIT,
                            reader.name() + " gets what source " + source + " sends",
                            () -> reader.highest(source) > sent[source]);
                }
            }
        }
    }

    private long[] sent() {
        long[] all = new long[SOURCES];
        for (SteadyEmitter emitter : emitters) {
            long[] sent = emitter.sent();
            for (int i = 0; i < SOURCES; i++) {
                all[i] += sent[i];
            }
        }
        return all;
    }

    /** Waits until traffic flows, ends it, waits until all of it is where it is to be, and sums. */
    private List<Account> settle() throws IOException, InterruptedException {
        Await.until(LIMIT, "all readers are connected", this::allOpen);
        flow();
        emitters.forEach(SteadyEmitter::pause);
        for (int i = 0; i < Nodes.EACH; i++) {
            int doppler = i;
            Await.until(
                    LIMIT,
                    "Doppler " + doppler + " has taken in what it was sent",
                    () -> nodes.ofDoppler(doppler).sum("ingress_total")
                            >= emitters.get(doppler).overPresentStream());
        }
        long[] sent = sent();
        long refused = ledger.refused(nodes, sent);
        List<Account> accounts = new ArrayList<>();
        for (Reader reader : readers) {
            awaitArrival(reader, sent, refused);
            accounts.add(account(reader, sent, refused));
        }
        return accounts;
    }

    /** Waits until a reader's account sums and nothing of it is on its way, or nothing has arrived for a while. */
    private void awaitArrival(Reader reader, long[] sent, long refused) throws IOException, InterruptedException {
        long[] last = {reader.settled(), System.nanoTime()};
        Await.within(Duration.ofHours(1), () -> {
            long settled = reader.settled();
            if (settled != last[0]) {
                last[0] = settled;
                last[1] = System.nanoTime();
            }
            return (account(reader, sent, refused).sums() && nothingUnderWay(reader))
                    || System.nanoTime() - last[1] > IDLE.toNanos();
        });
    }

    private boolean nothingUnderWay(Reader reader) throws IOException, InterruptedException {
        if (reader.subscriptionOrNull() == null) {
            return true;
        }
        for (int i = 0; i < Nodes.EACH; i++) {
            if (nodes.ofDoppler(i).pending(reader.subscriptionOrNull()) != 0) {
                return false;
            }
        }
        return true;
    }

    private Account account(Reader reader, long[] sent, long refused) throws IOException, InterruptedException {
        Outcome outcome = reader.outcome(sent);
        long passed = ledger.passed(nodes, reader, sent);
        long most = ledger.uncertain(reader) + reader.missedAway() + refused + passed;
        // Which app it was that ingress refused, nobody knows.
        long toldTwice = Math.min(outcome.announced(), ledger.mayHaveArrived(nodes, reader));
        long least = reader.subscriptionOrNull() == null ? 0 : refused + passed - toldTwice;
        return Account.of(reader.name(), outcome, least, most);
    }

    /**
     * The Doppler is killed, and started again. What it had taken in and not passed on is gone.
     *
     * @param kill returns when the process is gone
     */
    void killDoppler(Hold kill) throws IOException, InterruptedException {
        Samples report = nodes.ofDoppler(VICTIM);
        long highest = reading(APP).highest(APP);
        kill.last();
        restartDoppler();
        Await.until(
                LIMIT,
                "all readers are told that a Doppler is lost",
                () -> readers.stream().allMatch(reader -> reader.lostDopplers() >= reader.clients()));
        ledger.killed(VICTIM, report, emitters.get(VICTIM).sentBeforePresentStream(), APP, highest + 1);
    }

    private Reader reading(int app) {
        return readers.stream()
                .filter(reader -> reader.subscriptionOrNull() == null && reader.reads(app))
                .findFirst()
                .orElseThrow();
    }

    /** SIGTERM for the Doppler, which is started again. */
    void stopDoppler() throws IOException, InterruptedException {
        Server stopped = nodes.doppler(VICTIM);
        nodes.terminate(stopped);
        restartDoppler();
        ledger.stopped(VICTIM, Nodes.takenIn(stopped));
    }

    private void restartDoppler() throws IOException, InterruptedException {
        SteadyEmitter emitter = emitters.get(VICTIM);
        nodes.restartDoppler(VICTIM);
        // A new process has taken in nothing, so this is a stream to it.
        Await.until(
                LIMIT,
                "the emitter sends to the Doppler again",
                () -> nodes.ofDoppler(VICTIM).sum("ingress_total") > 0);
        nodes.awaitLinks();
        Await.until(LIMIT, "the emitter has left its old stream", () -> emitter.overPresentStream() > 0);
    }

    @Override
    public void close() {
        emitters.forEach(SteadyEmitter::close);
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        doors.forEach(FaultProxy::close);
        appDoors.forEach(FaultProxy::close);
        nodes.close();
    }
}
