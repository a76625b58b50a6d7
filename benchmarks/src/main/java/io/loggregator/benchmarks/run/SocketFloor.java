package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.BareTails;
import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Transport;
import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.process.JavaProcess;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.reader.Checker;
import io.loggregator.benchmarks.reader.Client;
import io.loggregator.benchmarks.reader.Clients;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.reader.WebSocketClient;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.stream.Tally;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * What the sockets of app streams alone cost: lines written to as many as a scenario of tails has, by a server that does
 * nothing else.
 *
 * @param tails so many sockets
 * @param lines written, and read, while it was measured
 * @param seconds that took
 * @param server what it cost whoever wrote
 */
public record SocketFloor(int tails, long lines, double seconds, Cost server) {
    private static final int RATE = 10_000;

    static SocketFloor measure(Credentials credentials, Path directory, Plan plan, int tails)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        SslContext tls = TlsMaterial.trusting(credentials.ca())
                .clientContext(Credentials.EDGE)
                .build();
        EventLoopGroup group = Transport.loop();
        try (Server server = new Server(
                JavaProcess.serverCommand(
                        BareTails.class.getName(),
                        BareTails.arguments(credentials.of(Credentials.EDGE), tails, plan.batchSize(), RATE)),
                "bare-tails",
                Map.of(),
                directory.resolve("bare-tails.log"))) {
            Tally lines = new Tally();
            connect(new Endpoint(server.port("ws"), tls), group.next(), tails, lines);
            TimeUnit.NANOSECONDS.sleep(plan.warmUp().toNanos());
            server.meter().forgetPeakMemory();
            Cpu before = server.meter().read();
            long linesBefore = lines.get();
            long start = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(plan.measure().toNanos());
            long written = lines.get() - linesBefore;
            double seconds = (System.nanoTime() - start) / 1e9;
            Cost cost = new Cost(
                    server.meter().read().since(before),
                    server.meter().memory(),
                    server.meter().peakMemory());
            return new SocketFloor(tails, written, seconds, cost);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static void connect(Endpoint endpoint, EventLoop loop, int count, Tally lines)
            throws IOException, InterruptedException {
        Checker nobody = new Checker(new Histogram(1));
        List<Client> clients = IntStream.range(0, count)
                .<Client>mapToObj(i -> new WebSocketClient(
                        endpoint,
                        "/apps/" + PreparedBatch.sourceId(i) + "/stream",
                        i,
                        nobody,
                        (bytes, from, to, now) -> lines.add(1),
                        null))
                .toList();
        Clients.connect(clients, loop);
    }

    /** CPU seconds for a million lines, without compilers. */
    public double perMillion() {
        return lines == 0 ? 0 : server.cpu().work() * 1e6 / lines;
    }

    /** Lines a second. */
    public double rate() {
        return lines / seconds;
    }
}
