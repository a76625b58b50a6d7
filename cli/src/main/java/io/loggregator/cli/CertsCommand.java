package io.loggregator.cli;

import io.loggregator.cli.terminal.ExitStatus;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code certs DIR}. */
@Command(
        name = "certs",
        description = {
            "Make certificates for trying out TLS: a new authority, and what it signs for each role.",
            "They are good for localhost, 127.0.0.1 and the role's own name."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class)
final class CertsCommand implements Callable<Integer> {
    /** A file name, and the name that peers expect in the certificate. */
    private record Role(String file, String name, String purpose) {}

    private static final List<Role> ROLES = List.of(
            new Role("doppler", "doppler", "a Doppler's gRPC ingress and link"),
            new Role("trafficcontroller", "trafficcontroller", "a Traffic Controller, towards Dopplers"),
            new Role("agent", "metron", "an agent or 'loggregator emit'"),
            new Role("edge", "edge", "the Traffic Controller's port for clients"));

    /** Name of the files for tokens. */
    private static final String TOKEN_KEY = "token";

    private static final int MAX_DAYS = 3650;

    private final Terminal terminal;

    @Spec
    private CommandSpec command;

    @Parameters(index = "0", paramLabel = "DIR", description = "Where to write; made if it does not exist.")
    private Path directory;

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "How long they are valid. Default: ${DEFAULT-VALUE}")
    private int days;

    @Option(
            names = "--token-key",
            description = "Also make " + TOKEN_KEY + ".key, which 'loggregator token' signs with, and " + TOKEN_KEY
                    + ".pub, the Traffic Controller's JWT_KEY_FILE.")
    private boolean tokenKey;

    @Option(names = "--force", description = "Replace files that are there.")
    private boolean force;

    CertsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (days < 1 || days > MAX_DAYS) {
            throw new ParameterException(command.commandLine(), "--days must be from 1 to " + MAX_DAYS);
        }
        try {
            Files.createDirectories(directory);
            refuseToReplace();
            write();
        } catch (IOException failed) {
            throw new Failure(ExitStatus.FAILED, "cannot write to " + directory + ": " + failed);
        }
        return ExitStatus.OK;
    }

    private void refuseToReplace() {
        Stream<String> names = Stream.concat(Stream.of("ca"), ROLES.stream().map(Role::file))
                .flatMap(name -> Stream.of(name + ".crt", name + ".key"));
        Stream<String> tokenFiles = tokenKey ? Stream.of(TOKEN_KEY + ".key", TOKEN_KEY + ".pub") : Stream.empty();
        List<Path> there = Stream.concat(names, tokenFiles)
                .map(directory::resolve)
                .filter(Files::exists)
                .toList();
        if (!force && !there.isEmpty()) {
            throw new Failure(ExitStatus.FAILED, there.get(0) + " is there already (--force replaces it)");
        }
    }

    private void write() throws IOException {
        PrintWriter out = new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8);
        CertificateAuthority authority = CertificateAuthority.create("Loggregator trial CA");
        authority.writeTo(directory, "ca");
        out.println(directory.resolve("ca.crt") + "  whom to trust");
        for (Role role : ROLES) {
            authority
                    .issue(
                            role.name(),
                            List.of(role.name(), "localhost"),
                            List.of("127.0.0.1"),
                            KeyKind.RSA_2048,
                            Duration.ofDays(days))
                    .writeTo(directory, role.file());
            out.println(directory.resolve(role.file() + ".crt") + ", .key  " + role.purpose());
        }
        if (tokenKey) {
            new SigningKey().writeTo(directory, TOKEN_KEY);
            out.println(directory.resolve(TOKEN_KEY + ".key") + ", .pub  signs tokens, and checks them");
        }
        out.flush();
    }
}
