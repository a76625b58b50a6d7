package io.loggregator.rehearsal;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.loggregator.benchmarks.report.Page;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.rehearsal.network.Hosts;
import io.loggregator.rehearsal.nodes.Place;
import io.loggregator.rehearsal.nodes.WallClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code loggregator rehearse}. */
@Command(
        name = "loggregator rehearse",
        description = {
            "Starts 2 Dopplers and 2 Traffic Controllers on this machine, puts one fault after the other in while"
                    + " traffic flows, and sums for each reader: sent = received + announced + open.",
            "",
            "What is open was neither received nor announced as lost. It is 0 unless a process was killed, a Doppler did"
                    + " not take something in, a subscription was forgotten, or an app stream or a reader of the RLP port"
                    + " had no connection; then the table says how much it may be.",
            "Linux only; needs the sources. Packets and hosts also need nft, ip, and user namespaces or root; clocks"
                    + " libfaketime."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "What a machine cannot rehearse is left out, and told, unless --fault names it or --require-all is given.",
            "Exit status: 0 everything sums, 1 something does not, 64 an option is wrong, 69 a fault that --fault names,"
                    + " or with --require-all any, cannot be rehearsed here."
        })
public final class Rehearse implements Callable<Integer> {
    private static final int DOES_NOT_SUM = 1;
    private static final int USAGE = 64;
    private static final int UNAVAILABLE = 69;
    private static final int LEAST_RATE = 100;
    private static final int MOST_RATE = 20_000;
    private static final int BRIEF_RATE = 2_000;
    private static final int LONG_RATE = 5_000;

    @Spec
    private CommandSpec command;

    @Option(names = "--launcher", required = true, hidden = true, description = "The program that starts the servers.")
    private Path launcher;

    @Option(
            names = "--network",
            paramLabel = "own|WHY NOT",
            defaultValue = "the rehearsal was not started by ./loggregator",
            hidden = true,
            description = "Whether this process is in a network of its own.")
    private String network;

    @Option(names = "--short", description = "Each fault once, for a few seconds: about five minutes in all.")
    private boolean brief;

    @Option(names = "--list", description = "Tell what is rehearsed, and do nothing.")
    private boolean list;

    @Option(names = "--fault", paramLabel = "NAME", arity = "1..*", description = "Only these; --list has the names.")
    private Set<String> faults = new LinkedHashSet<>();

    @Option(
            names = "--require-all",
            description = "End with 69, and name the packages, where something cannot be rehearsed here.")
    private boolean requireAll;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Envelopes a second, 100 to 20000 (5000; in the short form 2000).")
    private int rate;

    @Option(names = "--json", paramLabel = "FILE", description = "Write what was found there, too.")
    private Path json;

    @Option(
            names = "--markdown",
            paramLabel = "FILE",
            description = "Write the table there, or to its place in that page.")
    private Path markdown;

    @Option(names = "--keep", description = "Keep the servers' logs also when everything sums.")
    private boolean keep;

    private Rehearse() {}

    /** Exit status: 0, 1 when something does not sum, 64 when an option is wrong, 69 when a fault cannot be rehearsed here. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Rehearse())
                .setParameterExceptionHandler((wrong, given) -> {
                    System.err.println("loggregator: " + wrong.getMessage());
                    System.err.println("See 'loggregator rehearse --help'.");
                    return USAGE;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException, InvalidTlsMaterial {
        List<Rehearsal> chosen = chosen();
        if (list) {
            chosen.forEach(each -> System.out.printf("%-26s %s%n", each.fault(), each.title()));
            return 0;
        }
        int perSecond = rate == 0 ? (brief ? BRIEF_RATE : LONG_RATE) : rate;
        if (perSecond < LEAST_RATE || perSecond > MOST_RATE) {
            throw new ParameterException(command.commandLine(), "--rate is " + LEAST_RATE + " to " + MOST_RATE);
        }
        boolean hosts = network.equals(Means.OWN) && chosen.stream().anyMatch(Rehearse::isApart);
        Means means = new Means(network, hosts ? Hosts.lack() : Optional.empty(), WallClock.library());
        List<String> missing = means.missing(chosen);
        if (!missing.isEmpty() && (requireAll || !faults.isEmpty())) {
            missing.forEach(each -> System.err.println("loggregator: " + each));
            return UNAVAILABLE;
        }
        chosen = means.possible(chosen);
        Path directory = Files.createTempDirectory("loggregator-rehearsal-");
        System.err.println("keys, and what the servers say: " + directory);
        List<Finding> findings = hold(chosen, launcher, directory, perSecond);
        Report report = new Report(
                findings,
                missing,
                "As `./loggregator rehearse" + (brief ? " --short" : "") + "` found it, at "
                        + String.format(Locale.ROOT, "%,d", perSecond) + " envelopes a second:");
        System.out.print(report.text());
        if (json != null) {
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), report.json());
        }
        if (markdown != null) {
            new Page("rehearsals").write(markdown, report.markdown());
        }
        boolean sums = findings.stream().allMatch(Finding::sums);
        if (sums && !keep) {
            delete(directory);
        }
        return sums ? 0 : DOES_NOT_SUM;
    }

    private List<Rehearsal> chosen() {
        Set<String> known = Catalog.faults();
        for (String name : faults) {
            if (!known.contains(name)) {
                throw new ParameterException(
                        command.commandLine(), "there is no fault '" + name + "'; --list has the names");
            }
        }
        return Catalog.of(brief).stream()
                .filter(each -> faults.isEmpty() || faults.contains(each.fault()))
                .toList();
    }

    /** Holds them one after the other; after one that does not sum, and where hosts begin or end, with new servers. */
    private static List<Finding> hold(List<Rehearsal> chosen, Path launcher, Path directory, int perSecond)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        List<Finding> findings = new ArrayList<>();
        while (findings.size() < chosen.size()) {
            Path own = Files.createDirectory(directory.resolve("servers-" + findings.size()));
            boolean apart = isApart(chosen.get(findings.size()));
            try (Hosts hostsOrNull = apart ? new Hosts(Place.servers()) : null;
                    Stage stage = new Stage(launcher, own, hostsOrNull, perSecond, Rehearse::tell)) {
                boolean sums = true;
                while (sums && findings.size() < chosen.size() && isApart(chosen.get(findings.size())) == apart) {
                    Rehearsal next = chosen.get(findings.size());
                    System.err.printf("%d of %d: %s%n", findings.size() + 1, chosen.size(), next.title());
                    Finding finding = stage.rehearse(next);
                    findings.add(finding);
                    sums = finding.sums();
                    System.err.printf("  %s, %.1f s%n", sums ? "sums" : "DOES NOT SUM", finding.seconds());
                    if (!sums) {
                        System.err.print(new Report(List.of(finding), List.of(), "").text());
                    }
                }
            }
        }
        return findings;
    }

    /** Whether it is held on hosts. */
    private static boolean isApart(Rehearsal rehearsal) {
        return rehearsal.need() == Rehearsal.Need.HOSTS;
    }

    private static void tell(String step) {
        System.err.println(step);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
