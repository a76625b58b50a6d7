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
import io.loggregator.rehearsal.traffic.Caller;
import io.loggregator.rehearsal.traffic.Crowd;
import io.loggregator.rehearsal.traffic.DatagramEmitter;
import io.loggregator.rehearsal.traffic.Garbage;
import io.loggregator.rehearsal.traffic.Reader;
import io.loggregator.rehearsal.traffic.SteadyEmitter;
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
import java.util.stream.IntStream;

/**
 * Where rehearsals are held, one after the other: the servers, an emitter for each Doppler and an agent of datagrams for the
 * first, and the readers. The first Doppler and the first Traffic Controller are those that faults befall: the app that is
 * followed sends to that Doppler, and the readers, but one of the two that share a subscription, are at that Traffic
 * Controller when a rehearsal begins.
 */
final class Stage implements AutoCloseable {
    /** What faults befall. */
    static final int VICTIM = 0;
    /** The number of every Doppler. */
    static final List<Integer> DOPPLERS = IntStream.range(0, Nodes.EACH).boxed().toList();
    /** Of the link, and of what is read. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    /** Of ten thousand handshakes at once, on a machine that has other work. */
    private static final Duration CROWD_LIMIT = Duration.ofMinutes(5);

    /** Twice as long as a link may be silent. */
    private static final Duration LINK_DEATH = Nodes.PING.multipliedBy(6);
    /** Nothing arrives for so long: nothing will. */
    private static final Duration IDLE = Duration.ofSeconds(10);
    /** Sources whose logs come over streams. */
    static final int STREAMED = 4;
    /** All sources: there is one more, whose logs come as datagrams. */
    static final int SOURCES = STREAMED + 1;
    /** Number of the source that the app stream follows. */
    static final int APP = 0;

    /** Datagrams a second. */
    private static final int DATAGRAMS = 1_000;

    private final Consumer<String> progress;
    private final Nodes nodes;
    private final Hosts hostsOrNull;
    private final EventLoopGroup group = Transport.loop();
    private final List<SteadyEmitter> emitters = new ArrayList<>();
    private final Audience audience;
    private DatagramEmitter datagrams;
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
        audience = new Audience(nodes, hostsOrNull == null);
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
        for (int i = 0; i < Nodes.EACH; i++) {
            InetSocketAddress ingress = nodes.ingress(i, "grpc");
            emitters.add(new SteadyEmitter(
                    () -> Transport.channel(ingress, agent, Credentials.DOPPLER, group),
                    new int[] {i, i + Nodes.EACH},
                    SOURCES,
                    rate / Nodes.EACH));
        }
        datagrams = new DatagramEmitter(nodes.ingress(VICTIM, "udp"), STREAMED, Nodes.SECRET, DATAGRAMS);
        audience.come(group.next());
    }

    Nodes nodes() {
        return nodes;
    }

    /** Where the servers are; only for faults that need it. */
    Hosts hosts() {
        return hostsOrNull;
    }

    Audience audience() {
        return audience;
    }

    /** The emitter that sends to a Doppler. */
    SteadyEmitter emitter(int doppler) {
        return emitters.get(doppler);
    }

    /** The agent that sends datagrams to the Doppler that faults befall; it sends when it is told. */
    DatagramEmitter datagrams() {
        return datagrams;
    }

    /** What is known of this rehearsal. */
    Ledger ledger() {
        return ledger;
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
            edges.add(nodes.edge(i, "ws", clientTls));
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
            for (Reader reader : audience.readers()) {
                if (!account(reader, sent, 0).sums() || !nothingUnderWay(reader)) {
                    return false;
                }
            }
            return true;
        });
        meanwhile.last();
        emitters.forEach(SteadyEmitter::resume);
    }

    /** Waits until Dopplers know the subscriptions of the clients behind doors: what they tell of them may be a second old. */
    void awaitBehindDoorsKnown(List<Integer> dopplers) throws IOException, InterruptedException {
        for (int doppler : dopplers) {
            await(doppler, "knows the subscriptions", true);
        }
    }

    /** In silence: the clients behind doors leave for longer than they are waited for. */
    void behindDoorsLeave() throws IOException, InterruptedException {
        ledger.left(nodes, audience.behindDoors(), sent());
    }

    /** Waits until these Dopplers have forgotten them; they will be taken for new ones there. */
    void awaitBehindDoorsForgotten(List<Integer> dopplers) throws IOException, InterruptedException {
        for (int doppler : dopplers) {
            await(doppler, "has forgotten the subscriptions", false);
            ledger.forgotten(nodes, doppler);
        }
    }

    private void await(int doppler, String what, boolean known) throws IOException, InterruptedException {
        Await.until(LIMIT, "Doppler " + doppler + " " + what, () -> {
            Samples samples = nodes.ofDoppler(doppler);
            return audience.behindDoors().stream().allMatch(reader -> samples.knows(reader.ledgerOrNull()) == known);
        });
    }

    /** Logs that arrived once more, or after a later one of the same source at the same client; in this rehearsal. */
    long arrivedAgainOrLate() throws InterruptedException {
        long all = 0;
        for (Reader reader : audience.readers()) {
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
            new BesideTheSums(nodes, ledger, audience.readers()).check(sent(), accounts);
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
        for (int i = 0; i < Nodes.EACH; i++) {
            if (i != VICTIM) {
                nodes.setUp(i, setup.ofBystanders());
            }
        }
        if (nodes.setUp(VICTIM, setup)) {
            Await.until(LIMIT, "the emitter has a stream to the Doppler again", () -> emitter.streams() > streams);
        }
    }

    /** Has all readers where they belong, begins a phase, and waits until every reader gets something of every emitter. */
    private void begin() throws IOException, InterruptedException {
        audience.goHome();
        nodes.awaitLinks();
        phase++;
        ledger = Ledger.begin(nodes);
        audience.begin(phase);
        datagrams.begin(phase);
        emitters.forEach(emitter -> emitter.begin(phase));
        flow();
    }

    /** Waits until traffic flows: every reader has something that was sent from now on, of each source that it reads. */
    void flow() throws IOException, InterruptedException {
        audience.awaitMoreThan(sent());
    }

    /** How many logs of each source were sent in this rehearsal. */
    long[] sent() {
        long[] all = new long[SOURCES];
        for (SteadyEmitter emitter : emitters) {
            long[] sent = emitter.sent();
            for (int i = 0; i < SOURCES; i++) {
                all[i] += sent[i];
            }
        }
        all[STREAMED] = datagrams.sent();
        return all;
    }

    /** Waits until traffic flows, ends it, waits until all of it is where it is to be, and sums. */
    private List<Account> settle() throws IOException, InterruptedException {
        audience.awaitOpen();
        flow();
        emitters.forEach(SteadyEmitter::pause);
        for (int i = 0; i < Nodes.EACH; i++) {
            int doppler = i;
            Await.until(
                    LIMIT,
                    "Doppler " + doppler + " has taken in what it was sent",
                    () -> overStreams(nodes.ofDoppler(doppler))
                            >= emitters.get(doppler).overPresentStream());
        }
        long[] sent = sent();
        long refused = ledger.refused(nodes, sent);
        List<Account> accounts = new ArrayList<>();
        for (Reader reader : audience.readers()) {
            awaitArrival(reader, sent, refused);
            accounts.add(account(reader, sent, refused));
        }
        return accounts;
    }

    private static long overStreams(Samples samples) {
        return samples.sum("ingress_total") - UdpAgents.received(samples);
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
        if (reader.ledgerOrNull() == null) {
            return true;
        }
        for (int i = 0; i < Nodes.EACH; i++) {
            if (nodes.ofDoppler(i).pending(reader.ledgerOrNull()) != 0) {
                return false;
            }
        }
        return true;
    }

    private Account account(Reader reader, long[] sent, long refused) throws IOException, InterruptedException {
        Outcome outcome = reader.outcome(sent);
        long passed = ledger.passed(nodes, reader, sent);
        long toldTwice = Math.min(outcome.announced(), ledger.mayHaveArrived(nodes, reader));
        boolean all = reader.ledgerOrNull() != null;
        // Which app it was that ingress refused, nobody knows; datagrams were none of it.
        long ofIt = all ? refused : refused - ledger.droppedByKernel(nodes);
        long most = ledger.uncertain(reader) + reader.missedAway() + ofIt + passed;
        long least = all ? refused + passed - toldTwice : 0;
        return Account.of(reader.name(), outcome, least, most);
    }

    /**
     * The Doppler is killed, and started again. What it had taken in and not passed on is gone.
     *
     * @param kill returns when the process is gone
     */
    void killDoppler(Hold kill) throws IOException, InterruptedException {
        Samples report = nodes.ofDoppler(VICTIM);
        long highest = audience.ofApp().highest(APP);
        kill.last();
        restartDoppler();
        Await.until(
                LIMIT,
                "all readers are told that a Doppler is lost",
                () -> audience.readers().stream().allMatch(reader -> reader.lostDopplers() >= reader.clients()));
        ledger.killed(VICTIM, report, emitters.get(VICTIM).sentBeforePresentStream(), highest + 1);
    }

    /** Waits until the Traffic Controller that faults befall has taken the Doppler for lost, and told all its readers so. */
    void awaitDopplerGivenUp() throws IOException, InterruptedException {
        Await.until(
                LIMIT,
                "all readers of the Traffic Controller are told that a Doppler is lost",
                () -> audience.readers().stream().allMatch(reader -> reader.lostDopplers() > 0));
        ledger.givenUp();
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
        if (datagrams != null) {
            datagrams.close();
        }
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        audience.close();
        nodes.close();
    }
}
