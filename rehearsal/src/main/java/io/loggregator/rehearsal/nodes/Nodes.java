package io.loggregator.rehearsal.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loggregator.benchmarks.load.Keys;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.reader.Endpoint;
import io.loggregator.benchmarks.run.Cluster;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.rehearsal.proxy.FaultProxy;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** The processes, numbered from 0 in each role. A server that is started again has the ports it had. */
public final class Nodes implements AutoCloseable {
    /** How many of each role there are. */
    public static final int EACH = 2;
    /** How long a server may take to start, to stop, or to be linked. */
    public static final Duration LIMIT = Duration.ofSeconds(60);
    /** How often a link pings here; silent for three of these it is dead. The servers' default is 5 s. */
    public static final Duration PING = Duration.ofMillis(500);

    /** How often certificate files are looked at here; the servers' default is 10 s. */
    public static final Duration TLS_RELOAD = Duration.ofMillis(200);
    /** How often names of Dopplers are looked up here; the servers' default is 3 s. */
    public static final Duration LOOKUP = Duration.ofMillis(200);
    /** Links between a Traffic Controller and a Doppler: one of each event loop. */
    public static final int EVENT_LOOPS = 2;

    /** Links of a Traffic Controller that has all of them. */
    public static final long LINKS = (long) EACH * EVENT_LOOPS;

    /** What agents sign datagrams with. */
    public static final String SECRET = "rehearsal";

    private static final String DISK_WITHOUT_ROOM = "/dev/full";

    private static final Pattern TAKEN_IN = Pattern.compile("ingress has ended, ([0-9]+) envelopes were taken in");

    private final Path launcher;
    private final Path directory;
    private final Place place;
    private final Credentials credentials;
    private final List<Server> dopplers = new ArrayList<>();
    private final List<Server> trafficControllers = new ArrayList<>();
    /** By Traffic Controller, then Doppler. */
    private final List<List<FaultProxy>> links = new ArrayList<>();
    /** By Traffic Controller. */
    private final List<HostsFile> names = new ArrayList<>();
    /** By number. */
    private final List<Setup> setups = new ArrayList<>();

    private Authority authority;
    private int started;

    /**
     * Starts all of them, and returns when every link is there.
     *
     * @param launcher the program {@code loggregator}
     * @param directory empty; keys are written there, and what the servers say
     * @param place where they are; the links of those that are here lead through proxies
     */
    public Nodes(Path launcher, Path directory, Place place) throws IOException, InterruptedException {
        this.launcher = launcher;
        this.directory = directory;
        this.place = place;
        credentials = new Credentials(directory);
        try {
            authority = new Authority(credentials);
            for (int i = 0; i < EACH; i++) {
                setups.add(Setup.USUAL);
                dopplers.add(startDoppler(i, Map.of()));
            }
            for (int i = 0; i < EACH; i++) {
                links.add(place == Place.HERE ? proxies() : List.of());
                names.add(new HostsFile(directory.resolve("hosts-" + i), dopplerNames()));
                trafficControllers.add(startTrafficController(i, Map.of()));
            }
            awaitLinks();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private List<FaultProxy> proxies() throws IOException, InterruptedException {
        List<FaultProxy> proxies = new ArrayList<>();
        for (Server doppler : dopplers) {
            proxies.add(new FaultProxy(doppler.port("link")));
        }
        return proxies;
    }

    private Map<String, String> dopplerNames() {
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < EACH; i++) {
            names.put(nameOfDoppler(i), place.of(Place.doppler(i)).address());
        }
        return names;
    }

    /** What Traffic Controllers know a Doppler by. */
    public static String nameOfDoppler(int number) {
        return Place.doppler(number) + ".rehearsal";
    }

    /** The ports of a server that is to be followed by another one. */
    private static Map<String, Integer> ports(Server server, String... names) throws IOException, InterruptedException {
        Map<String, Integer> ports = new HashMap<>();
        for (String name : names) {
            ports.put(name, server.port(name));
        }
        return ports;
    }

    private static String port(Map<String, Integer> ports, String name) {
        return Integer.toString(ports.getOrDefault(name, 0));
    }

    /** @param ports by name; any free one where there is none */
    private Server startDoppler(int number, Map<String, Integer> ports) throws IOException {
        Map<String, String> settings = common(credentials.of(Credentials.DOPPLER));
        Place.Site site = place.of(Place.doppler(number));
        settings.put("DOPPLER_HOST", site.address());
        settings.put("DOPPLER_HEALTH_HOST", site.watched());
        settings.put("ROUTER_PORT", port(ports, "grpc"));
        settings.put("DOPPLER_LINK_PORT", port(ports, "link"));
        settings.put("DOPPLER_UDP_PORT", port(ports, "udp"));
        settings.put("DOPPLER_SHARED_SECRET", SECRET);
        // So little that a Doppler which hangs loses datagrams soon.
        settings.put("DOPPLER_UDP_RECEIVE_BUFFER", "64KiB");
        settings.put("DOPPLER_LINK_CLIENT_NAMES", Credentials.TRAFFIC_CONTROLLER);
        settings.put("DOPPLER_HEALTH_PORT", "0");
        // An emitter that is asked to move on for its age alone would make every sum one of two runs.
        settings.put("INGRESS_MAX_AGE", "0s");
        // As little as there may be, so that a reader that falls behind loses something soon.
        settings.put("LOG_BYTES", "4MiB");
        if (setups.get(number) == Setup.CLOCKED) {
            settings.putAll(clockOfDoppler(number).environment());
        }
        return start("doppler", Place.doppler(number), settings);
    }

    /** Where a Traffic Controller finds a Doppler's links. */
    private int linkPort(int trafficController, int doppler) throws IOException, InterruptedException {
        return place == Place.HERE
                ? link(trafficController, doppler).port()
                : dopplers.get(doppler).port("link");
    }

    private Server startTrafficController(int number, Map<String, Integer> ports)
            throws IOException, InterruptedException {
        Place.Site site = place.of(Place.trafficController(number));
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            addresses.add(nameOfDoppler(i) + ":" + linkPort(number, i));
        }
        Map<String, String> settings = common(credentials.of(Credentials.TRAFFIC_CONTROLLER));
        Keys edge = credentials.of(Credentials.EDGE);
        settings.put("DOPPLER_LINK_ADDRS", String.join(",", addresses));
        settings.put("DOPPLER_LOOKUP_INTERVAL", LOOKUP.toMillis() + "ms");
        settings.put("LOGGREGATOR_JAVA_OPTS", names.get(number).javaOption());
        settings.put("TRAFFIC_CONTROLLER_HOST", site.address());
        settings.put("TRAFFIC_CONTROLLER_HEALTH_HOST", site.watched());
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", port(ports, "ws"));
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE", edge.certificate().toString());
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_KEY_FILE", edge.key().toString());
        settings.put("TRAFFIC_CONTROLLER_HEALTH_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true");
        settings.put("GATEWAY_ADDR", site.address() + ":" + port(ports, "http"));
        settings.put("RLP_PORT", port(ports, "grpc"));
        settings.put("EGRESS_BYTES", "4MiB");
        settings.put("LOG_BYTES", "4MiB");
        settings.putAll(settingsOf(number));
        return start("traffic-controller", Place.trafficController(number), settings);
    }

    private Map<String, String> settingsOf(int trafficController) throws IOException {
        Map<String, String> settings = new HashMap<>();
        Setup setup = setups.get(trafficController);
        if (setup == Setup.CLOCKED) {
            settings.putAll(clockOfTrafficController(trafficController).environment());
        }
        if (setup == Setup.IMPATIENT || setup == Setup.PATIENT) {
            settings.put("FIREHOSE_GRACE", setup == Setup.PATIENT ? "2m" : "3s");
        }
        if (setup == Setup.DISK_FULL) {
            settings.put("TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG", DISK_WITHOUT_ROOM);
            settings.put("TRAFFIC_CONTROLLER_IP", Credentials.HOST);
        }
        if (setup == Setup.GUARDED) {
            Keys own = credentials.of(Credentials.TRAFFIC_CONTROLLER);
            settings.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "false");
            settings.put("TRAFFIC_CONTROLLER_UAA_HOST", authority.url());
            settings.put("TRAFFIC_CONTROLLER_UAA_CLIENT_SECRET", "secret");
            settings.put("TRAFFIC_CONTROLLER_UAA_CA_CERT", own.ca().toString());
            settings.put("TRAFFIC_CONTROLLER_API_HOST", authority.url());
            settings.put("CC_CERT_FILE", own.certificate().toString());
            settings.put("CC_KEY_FILE", own.key().toString());
            settings.put("CC_CA_FILE", own.ca().toString());
            settings.put("ACCESS_CACHE_TTL", "0s");
            settings.put("ACCESS_RECHECK_INTERVAL", "500ms");
        }
        return settings;
    }

    private static Map<String, String> common(Keys own) {
        Map<String, String> settings = new HashMap<>(Cluster.NO_OWN_METRICS);
        settings.put("ROUTER_CERT_FILE", own.certificate().toString());
        settings.put("ROUTER_KEY_FILE", own.key().toString());
        settings.put("ROUTER_CA_FILE", own.ca().toString());
        settings.put("EVENT_LOOPS", Integer.toString(EVENT_LOOPS));
        settings.put("LINK_PING_INTERVAL", PING.toMillis() + "ms");
        settings.put("TLS_RELOAD_INTERVAL", TLS_RELOAD.toMillis() + "ms");
        settings.put("STOP_TIMEOUT", "20s");
        return settings;
    }

    private Server start(String role, String name, Map<String, String> settings) throws IOException {
        Place.Site site = place.of(name);
        List<String> command = new ArrayList<>(site.entrance());
        command.addAll(List.of(launcher.toString(), role));
        Path output = directory.resolve(name + "-run-" + ++started + ".log");
        return new Server(command, role, settings, output, site.watched());
    }

    /** Waits until every event loop of every Traffic Controller is linked to every Doppler. */
    public void awaitLinks() throws IOException, InterruptedException {
        for (int i = 0; i < EACH; i++) {
            awaitLinks(i);
        }
    }

    private void awaitLinks(int trafficController) throws IOException, InterruptedException {
        Await.until(
                LIMIT,
                "Traffic Controller " + trafficController + " is linked",
                () -> linksOf(trafficController) == LINKS);
    }

    /** A Doppler's process. */
    public Server doppler(int number) {
        return dopplers.get(number);
    }

    /** A Traffic Controller's process. */
    public Server trafficController(int number) {
        return trafficControllers.get(number);
    }

    /** The proxy that a Traffic Controller reaches a Doppler by; only {@link Place#HERE}. */
    public FaultProxy link(int trafficController, int doppler) {
        return links.get(trafficController).get(doppler);
    }

    /** What a Doppler's metrics say. */
    public Samples ofDoppler(int number) throws IOException, InterruptedException {
        return new Samples(dopplers.get(number).metrics());
    }

    /** What a Traffic Controller's metrics say. */
    public Samples ofTrafficController(int number) throws IOException, InterruptedException {
        return new Samples(trafficControllers.get(number).metrics());
    }

    /** Writes what every server's metrics say to a file beside what it says. */
    public void keepMetrics() throws IOException, InterruptedException {
        List<Server> all = new ArrayList<>(trafficControllers);
        all.addAll(dopplers);
        for (Server server : all) {
            String name = server.output().getFileName().toString().replace(".log", ".metrics");
            Files.write(directory.resolve(name), server.metrics());
        }
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill(Server server) throws IOException, InterruptedException {
        server.signal("KILL");
        server.awaitEnd(LIMIT);
    }

    /**
     * SIGTERM; returns when the process is gone.
     *
     * @throws IOException it could not do all that a stop is to do
     */
    public void terminate(Server server) throws IOException, InterruptedException {
        server.signal("TERM");
        int status = server.awaitEnd(LIMIT);
        if (status != 0) {
            throw new IOException("a stop ends with " + status + "; what the server said is in " + server.output());
        }
    }

    /** How many envelopes a Doppler that was stopped had taken in, by its last words. */
    public static long takenIn(Server stopped) throws IOException {
        Matcher words = TAKEN_IN.matcher(Files.readString(stopped.output()));
        if (!words.find()) {
            throw new IOException("no last words of what was taken in, in " + stopped.output());
        }
        return Long.parseLong(words.group(1));
    }

    /** Starts a Doppler that has ended; returns when it takes envelopes. */
    public void restartDoppler(int number) throws IOException, InterruptedException {
        Server again = startDoppler(number, ports(dopplers.get(number), "grpc", "link", "udp"));
        dopplers.set(number, again);
        again.port("grpc");
    }

    /** Starts a Traffic Controller that has ended; returns when it is linked to all Dopplers. */
    public void restartTrafficController(int number) throws IOException, InterruptedException {
        Map<String, Integer> ports = ports(trafficControllers.get(number), "ws", "http", "grpc");
        trafficControllers.set(number, startTrafficController(number, ports));
        awaitLinks(number);
    }

    /**
     * Has a Traffic Controller, and the Doppler of the same number, set up so: one that is not is stopped and started again.
     *
     * @return whether it was done to the Doppler
     */
    public boolean setUp(int number, Setup setup) throws IOException, InterruptedException {
        Setup before = setups.set(number, setup);
        if (before == setup) {
            return false;
        }
        boolean both = before == Setup.CLOCKED || setup == Setup.CLOCKED;
        if (both) {
            terminate(dopplers.get(number));
            restartDoppler(number);
        }
        terminate(trafficControllers.get(number));
        restartTrafficController(number);
        return both;
    }

    /** By which a Doppler that is {@link Setup#CLOCKED} tells the time. */
    public WallClock clockOfDoppler(int number) throws IOException {
        return clock("clock-doppler-" + number);
    }

    /** By which a Traffic Controller that is {@link Setup#CLOCKED} tells the time. */
    public WallClock clockOfTrafficController(int number) throws IOException {
        return clock("clock-traffic-controller-" + number);
    }

    private WallClock clock(String name) throws IOException {
        return new WallClock(
                WallClock.library().orElseThrow(() -> new IOException("libfaketime is not installed")),
                directory.resolve(name));
    }

    /**
     * Asks every Doppler for its ledger.
     *
     * @throws IOException the account of a subscription does not add up
     */
    public void checkLedgers() throws IOException, InterruptedException {
        for (Server doppler : dopplers) {
            JsonNode ledger = new ObjectMapper().readTree(doppler.diagnostics("/ledger"));
            for (JsonNode subscription : ledger.path("subscriptions")) {
                long sum = subscription.path("delivered").asLong()
                        + subscription.path("unconfirmed").asLong()
                        + subscription.path("pending").asLong();
                for (JsonNode dropped : subscription.path("dropped")) {
                    sum += dropped.asLong();
                }
                if (sum != subscription.path("accepted").asLong(-1)) {
                    throw new IOException("the ledger of a Doppler does not add up: " + subscription);
                }
            }
        }
    }

    /** What time a server says it is. */
    public static Instant timeOf(Server server) throws IOException, InterruptedException {
        JsonNode ledger = new ObjectMapper().readTree(server.diagnostics("/ledger"));
        return Instant.parse(ledger.path("time").asText());
    }

    /** What a Traffic Controller finds when it looks up names. */
    public HostsFile names(int trafficController) {
        return names.get(trafficController);
    }

    /** What Traffic Controllers that are {@link Setup#GUARDED} ask. */
    public Authority authority() {
        return authority;
    }

    /** How many links a Traffic Controller has. */
    public long linksOf(int trafficController) throws IOException, InterruptedException {
        return ofTrafficController(trafficController).sum("doppler_links");
    }

    /** Whether every event loop of every Traffic Controller is linked to every Doppler. */
    public boolean linked() throws IOException, InterruptedException {
        for (int i = 0; i < EACH; i++) {
            if (linksOf(i) != LINKS) {
                return false;
            }
        }
        return true;
    }

    /** How many links all Traffic Controllers have had so far. */
    public long linksMade() throws IOException, InterruptedException {
        long made = 0;
        for (int i = 0; i < EACH; i++) {
            made += ofTrafficController(i).sum("log_router_connects_total");
        }
        return made;
    }

    /** What everybody shows and trusts, in the files that the servers read. */
    public Credentials credentials() {
        return credentials;
    }

    /**
     * Where agents find a Doppler.
     *
     * @param port as {@link Server#port} has it
     */
    public InetSocketAddress ingress(int doppler, String port) throws IOException, InterruptedException {
        return new InetSocketAddress(
                place.of(Place.doppler(doppler)).address(), doppler(doppler).port(port));
    }

    /**
     * Where clients find a Traffic Controller, and no proxy.
     *
     * @param port as {@link Server#port} has it
     */
    public Endpoint edge(int trafficController, String port, SslContext tls) throws IOException, InterruptedException {
        return new Endpoint(
                place.of(Place.trafficController(trafficController)).address(),
                trafficController(trafficController).port(port),
                tls);
    }

    /** What clients check a Traffic Controller with. */
    public SslContext clientTls() throws InvalidTlsMaterial, SSLException {
        return TlsMaterial.trusting(credentials.ca())
                .clientContext(Credentials.EDGE)
                .build();
    }

    /** What readers of gRPC v2 show and check a Traffic Controller with. */
    public SslContext readerTls() throws InvalidTlsMaterial, SSLException {
        return credentials.of(Credentials.READER).grpcClient(Credentials.TRAFFIC_CONTROLLER);
    }

    /** What agents show and check a Doppler with. */
    public SslContext agentTls() throws InvalidTlsMaterial, SSLException {
        return credentials.of(Credentials.AGENT).grpcClient(Credentials.DOPPLER);
    }

    /** Ends all processes, by force, as nothing of theirs is wanted any more. */
    @Override
    public void close() {
        List<Server> all = new ArrayList<>(trafficControllers);
        all.addAll(dopplers);
        all.forEach(Server::closeNow);
        for (List<FaultProxy> ofOne : links) {
            for (FaultProxy link : ofOne) {
                link.close();
            }
        }
        if (authority != null) {
            authority.close();
        }
    }
}
