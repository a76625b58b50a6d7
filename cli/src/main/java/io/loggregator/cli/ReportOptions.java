package io.loggregator.cli;

import io.loggregator.cli.client.Address;
import io.loggregator.cli.client.DiagnosticsClient;
import io.loggregator.cli.client.DiagnosticsClient.Answer;
import io.loggregator.cli.output.OutputClosed;
import io.loggregator.cli.output.Page;
import io.loggregator.cli.report.Shown;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.node.process.ExitCodes;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code ledger} and {@code top} have in common: whom to ask, how often, and how to show it. */
final class ReportOptions {
    /** Where a Doppler has its diagnostics port unless told otherwise. */
    static final String DOPPLER = "127.0.0.1:14825";
    /** Where a Traffic Controller has it. */
    static final String TRAFFIC_CONTROLLER = "127.0.0.1:14826";

    private static final int DOPPLER_PORT = 14825;
    private static final double USUAL_SECONDS = 2;
    private static final double SHORTEST_SECONDS = 0.5;
    private static final double LONGEST_SECONDS = 3600;
    private static final int MOST_ADDRESSES = 100;
    private static final int LARGEST_LIMIT = 5_000;
    /** What a terminal has room for. */
    private static final int ROWS_OF_A_SCREEN = 20;

    private static final int ROWS_OTHERWISE = 1_000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Parameters(
            arity = "0..*",
            paramLabel = "HOST:PORT",
            description = "Diagnostics ports of servers (DOPPLER_HEALTH_PORT, TRAFFIC_CONTROLLER_HEALTH_PORT,"
                    + " RLP_HEALTH_PORT). They listen on loopback unless told otherwise.")
    private List<String> addresses = List.of();

    @Option(
            names = "--watch",
            paramLabel = "SECONDS",
            description = "Show it again and again, this often. Default on a terminal: 2")
    private Double watch;

    @Option(names = "--once", description = "Show it once and end. Default if the output is no terminal, or JSON.")
    private boolean once;

    @Option(names = "--json", description = "Print what each server says as JSON, on a line of its own.")
    private boolean json;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description =
                    "The most rows of a table, and of top's JSON. Default: 20 where it is shown again and again, else 1000")
    private Integer limit;

    /**
     * Asks and shows.
     *
     * @param unlessGiven the addresses to ask if none are given; it is no failure that one of them does not answer, as
     *     long as another one does
     * @param target what to ask for, as {@code /ledger?limit=10}
     * @param page makes tables of the answers that came
     */
    int show(Terminal terminal, List<String> unlessGiven, String target, Function<List<Answer>, Shown> page)
            throws OutputClosed, InterruptedException {
        List<Address> asked = addresses(addresses.isEmpty() ? unlessGiven : addresses);
        long pause = pauseMillis(terminal);
        boolean inPlace = pause > 0
                && !json
                && terminal.interactive()
                && !"dumb".equals(terminal.environment().get("TERM"));
        Page output = new Page(terminal.out(), inPlace);
        try (DiagnosticsClient client = new DiagnosticsClient()) {
            int status;
            boolean first = true;
            do {
                List<Answer> answers = client.ask(asked, target);
                List<String> problems = problems(answers);
                if (first && problems.size() == answers.size()) {
                    throw nobodyAnswered(answers);
                }
                first = false;
                status = problems.isEmpty() || addresses.isEmpty() ? ExitCodes.OK : failure(answers);
                if (json) {
                    output.write(lines(answers));
                    problems.forEach(terminal::say);
                } else {
                    Shown shown = page.apply(answers);
                    List<String> said = new ArrayList<>(shown.faults());
                    said.addAll(problems);
                    if (inPlace) {
                        output.show(shown.text() + (said.isEmpty() ? "" : "\n" + String.join("\n", said) + "\n"));
                    } else {
                        output.show(shown.text());
                        said.forEach(terminal::say);
                    }
                    status = shown.faults().isEmpty() ? status : ExitCodes.FAILED;
                }
                if (pause > 0) {
                    TimeUnit.MILLISECONDS.sleep(pause);
                }
            } while (pause > 0);
            return status;
        }
    }

    /** Whether what the servers say is wanted as they say it. */
    boolean json() {
        return json;
    }

    /** How many rows are wanted of each table. */
    int rows(Terminal terminal) {
        if (limit == null) {
            return pauseMillis(terminal) > 0 && !json ? ROWS_OF_A_SCREEN : ROWS_OTHERWISE;
        }
        if (limit < 1 || limit > LARGEST_LIMIT) {
            throw wrong("--limit must be from 1 to " + LARGEST_LIMIT + ", not " + limit);
        }
        return limit;
    }

    /** 0: once. */
    private long pauseMillis(Terminal terminal) {
        if (watch == null) {
            return once || json || !terminal.interactive() ? 0 : (long) (USUAL_SECONDS * 1e3);
        }
        if (once) {
            throw wrong("--once and --watch exclude each other");
        }
        if (!(watch >= SHORTEST_SECONDS && watch <= LONGEST_SECONDS)) {
            throw wrong("--watch must be from 0.5 to 3600 seconds, not " + watch);
        }
        return (long) (watch * 1e3);
    }

    private List<Address> addresses(List<String> texts) {
        Set<Address> parsed = new LinkedHashSet<>();
        for (String text : texts) {
            if (text.matches("(?i)(https|wss):.*")
                    || text.replaceFirst("^[a-z]+://", "").contains("/")) {
                throw wrong("'" + text + "' must be HOST:PORT: diagnostics ports speak HTTP without TLS");
            }
            try {
                parsed.add(Address.parse(text, Address.Bare.PLAIN, DOPPLER_PORT));
            } catch (IllegalArgumentException wrong) {
                throw wrong(wrong.getMessage());
            }
        }
        if (parsed.size() > MOST_ADDRESSES) {
            throw wrong("at most " + MOST_ADDRESSES + " servers can be asked, not " + parsed.size());
        }
        return List.copyOf(parsed);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    private static String lines(List<Answer> answers) {
        StringBuilder lines = new StringBuilder();
        for (Answer answer : answers) {
            if (answer.json() != null) {
                lines.append(new JsonObject()
                                .put("address", answer.address().hostAndPort())
                                .mergeIn(answer.json())
                                .encode())
                        .append('\n');
            }
        }
        return lines.toString();
    }

    private static List<String> problems(List<Answer> answers) {
        return answers.stream()
                .filter(answer -> answer.problem() != null)
                .map(Answer::problem)
                .toList();
    }

    private static Failure nobodyAnswered(List<Answer> answers) {
        boolean reached = answers.stream().anyMatch(Answer::reached);
        return new Failure(
                failure(answers),
                String.join("; ", problems(answers))
                        + (reached
                                ? ""
                                : ". Is the server running? It prints 'pprof bound to: HOST:PORT' when it starts: give"
                                        + " that HOST:PORT, on the machine where it runs"));
    }

    /** The status for answers of which one at least has a problem. */
    private static int failure(List<Answer> answers) {
        return answers.stream().anyMatch(answer -> answer.problem() != null && !answer.reached())
                ? ExitCodes.UNAVAILABLE
                : ExitCodes.REFUSED;
    }
}
