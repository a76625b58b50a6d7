package io.loggregator.rehearsal;

import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.proxy.FaultProxy;
import io.loggregator.rehearsal.traffic.Reader;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** All readers. But for one of two that share a subscription they are behind doors: proxies before the Traffic Controllers. */
final class Audience implements AutoCloseable {
    /** Small, so that a client which reads little is noticed by the server and not by the kernel's memory alone. */
    private static final int CLIENT_SOCKET_BYTES = 64 * 1024;

    private static final String ALONE = "alone";
    private static final String SHARED = "shared";
    private static final String ACKNOWLEDGING = "acknowledging";
    private static final String SHARD = "shard";

    private final Nodes nodes;
    private final boolean withDoors;
    private final List<FaultProxy> doors = new ArrayList<>();
    private final List<FaultProxy> appDoors = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final List<Reader> behindDoors = new ArrayList<>();

    /** @param withDoors false where connections lead over a network of hosts */
    Audience(Nodes nodes, boolean withDoors) {
        this.nodes = nodes;
        this.withDoors = withDoors;
    }

    /** All come. */
    void come(EventLoop loop) throws IOException, InterruptedException, InvalidTlsMaterial {
        SslContext tls = nodes.clientTls();
        List<Endpoint> direct = new ArrayList<>();
        for (int i = 0; i < Nodes.EACH; i++) {
            direct.add(nodes.edge(i, "ws", tls));
        }
        Reader alone = Reader.firehose(ALONE, loop, List.of(through(doors, "ws", tls)));
        Reader shared = Reader.firehose(SHARED, loop, List.of(direct, List.of(direct.get(1), direct.get(0))));
        Reader acknowledging = Reader.acknowledging(ACKNOWLEDGING, loop, through(doors, "ws", tls));
        Reader events = Reader.events(loop, through(doors, "http", tls));
        Reader batches = Reader.batches(SHARD, loop, through(doors, "grpc", nodes.readerTls()));
        Reader app = Reader.stream(Stage.APP, loop, through(appDoors, "ws", tls));
        behindDoors.addAll(List.of(alone, acknowledging, events, batches));
        readers.addAll(List.of(alone, shared, acknowledging, events, batches, app));
    }

    /** A proxy before a port of each Traffic Controller, for one client; none where there are no doors. */
    private List<Endpoint> through(List<FaultProxy> proxies, String port, SslContext tls)
            throws IOException, InterruptedException {
        List<Endpoint> through = new ArrayList<>();
        for (int i = 0; i < Nodes.EACH; i++) {
            if (!withDoors) {
                through.add(nodes.edge(i, port, tls));
                continue;
            }
            FaultProxy door = new FaultProxy(nodes.trafficController(i).port(port), CLIENT_SOCKET_BYTES);
            proxies.add(door);
            through.add(new Endpoint(door.port(), tls));
        }
        return through;
    }

    List<Reader> readers() {
        return readers;
    }

    /** The proxies before the clients that read everything and share with nobody. */
    List<FaultProxy> doors() {
        return doors;
    }

    /** The same of the client of the app stream. */
    List<FaultProxy> appDoors() {
        return appDoors;
    }

    /** The clients that read everything and share with nobody. */
    List<Reader> behindDoors() {
        return behindDoors;
    }

    /** The reader of one app's stream. */
    Reader ofApp() {
        return readers.stream()
                .filter(reader -> reader.ledgerOrNull() == null)
                .findFirst()
                .orElseThrow();
    }

    /** Resets the connections of the clients behind doors and takes no others, until they heal; returns when they are away. */
    void cutDoors() throws IOException, InterruptedException {
        doors.forEach(FaultProxy::cut);
        Await.until(
                Stage.LIMIT, "the clients are away", () -> behindDoors.stream().noneMatch(Reader::open));
    }

    /** Waits until those clients are back. */
    void awaitBehindDoors() throws IOException, InterruptedException {
        Await.until(
                Stage.LIMIT, "the clients are back", () -> behindDoors.stream().allMatch(Reader::open));
    }

    /** No stream ends while something is done. */
    void goesOnThrough(Hold meanwhile) throws IOException, InterruptedException {
        int before = connections();
        meanwhile.last();
        if (connections() != before) {
            throw new IOException("a stream that was open has ended");
        }
    }

    private int connections() {
        return readers.stream().mapToInt(Reader::connections).sum();
    }

    /** Has all readers where they belong. */
    void goHome() throws IOException, InterruptedException {
        for (Reader reader : readers) {
            reader.goHome();
        }
        awaitOpen();
    }

    /** Waits until all are connected. */
    void awaitOpen() throws IOException, InterruptedException {
        Await.until(
                Stage.LIMIT, "all readers are connected", () -> readers.stream().allMatch(Reader::open));
    }

    void begin(int phase) throws InterruptedException {
        for (Reader reader : readers) {
            reader.begin(phase, Stage.SOURCES);
        }
    }

    /** Waits until every reader has something that was sent after these, of each source that it reads and streams bring. */
    void awaitMoreThan(long[] sent) throws IOException, InterruptedException {
        for (Reader reader : readers) {
            for (int i = 0; i < Stage.STREAMED; i++) {
                int source = i;
                if (reader.reads(source)) {
                    Await.until(
                            Stage.LIMIT,
                            reader.name() + " gets what source " + source + " sends",
                            () -> reader.highest(source) > sent[source]);
                }
            }
        }
    }

    @Override
    public void close() {
        doors.forEach(FaultProxy::close);
        appDoors.forEach(FaultProxy::close);
    }
}
