package io.loggregator.cli;

import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.KeyKind;
import io.loggregator.node.tls.SigningKey;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
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
            "They are good for localhost, 127.0.0.1 and the role's own names. The authority's key stays in",
            "DIR/ca.key, which no server needs: keep it away from them."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class)
final class CertsCommand implements Callable<Integer> {
    /** A file name, and the names that peers expect in the certificate, the first of them its common name. */
    private record Role(String file, List<String> names, boolean dialled, String purpose) {}

    private static final List<Role> ROLES = List.of(
            new Role("doppler", List.of("doppler"), true, "a Doppler's gRPC ingress and link"),
            new Role(
                    "trafficcontroller",
                    List.of("trafficcontroller", "reverselogproxy"),
                    true,
                    "a Traffic Controller, towards Dopplers and on its RLP port"),
            new Role("agent", List.of("metron"), false, "an agent or 'loggregator emit'"),
            new Role("edge", List.of("edge"), true, "the Traffic Controller's port for clients"));

    /** Name of the files for tokens. */
    private static final String TOKEN_KEY = "token";

    private static final String AUTHORITY = "ca";
    private static final Pattern DNS_NAME = Pattern.compile("(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
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

    @Option(
            names = "--dns",
            paramLabel = "NAME",
            description = "A further DNS name that servers are reached by. May be given several times.")
    private List<String> dnsNames = List.of();

    @Option(
            names = "--ip",
            paramLabel = "ADDRESS",
            description = "A further IP address that servers are reached by. May be given several times.")
    private List<String> addresses = List.of();

    @Option(names = "--force", description = "Replace files that are there, the authority included.")
    private boolean force;

    @Option(
            names = "--if-missing",
            description = "Keep files that are there and make those that are missing; nothing to make is no error.")
    private boolean ifMissing;

    CertsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        check();
        try {
            Files.createDirectories(directory);
            if (!force && !ifMissing) {
                refuseToReplace();
            }
            write();
        } catch (IOException failed) {
            throw new Failure(ExitCodes.FAILED, "cannot write to " + directory + ": " + failed);
        }
        return ExitCodes.OK;
    }

    private void check() {
        if (days < 1 || days > MAX_DAYS) {
            throw new ParameterException(command.commandLine(), "--days must be from 1 to " + MAX_DAYS);
        }
        if (force && ifMissing) {
            throw new ParameterException(command.commandLine(), "--force replaces and --if-missing keeps: give one");
        }
        for (String name : dnsNames) {
            if (!DNS_NAME.matcher(name).matches()) {
                throw new ParameterException(command.commandLine(), "--dns: not a DNS name: " + name);
            }
        }
        for (String address : addresses) {
            if (!NetUtil.isValidIpV4Address(address) && !NetUtil.isValidIpV6Address(address)) {
                throw new ParameterException(command.commandLine(), "--ip: not an IP address: " + address);
            }
        }
    }

    private void refuseToReplace() {
        Stream<Path> tokenFiles = tokenKey ? tokenFiles() : Stream.empty();
        List<Path> there = Stream.concat(
                        Stream.concat(Stream.of(AUTHORITY), ROLES.stream().map(Role::file))
                                .flatMap(this::files),
                        tokenFiles)
                .filter(Files::exists)
                .toList();
        if (!there.isEmpty()) {
            throw new Failure(
                    ExitCodes.FAILED, there.get(0) + " is there already (--force replaces it, --if-missing keeps it)");
        }
    }

    private void write() throws IOException {
        PrintWriter out = new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8);
        List<Role> wanted = ROLES.stream().filter(role -> !isKept(role.file())).toList();
        // The authority's key may be kept elsewhere as long as there is nothing to sign.
        if (!wanted.isEmpty() || !Files.exists(directory.resolve("ca.crt"))) {
            CertificateAuthority authority = authority(out);
            for (Role role : wanted) {
                issue(authority, role);
                out.println(directory.resolve(role.file() + ".crt") + ", .key  " + role.purpose());
            }
        }
        if (tokenKey && !(ifMissing && tokenFiles().allMatch(Files::exists))) {
            new SigningKey().writeTo(directory, TOKEN_KEY);
            out.println(directory.resolve(TOKEN_KEY + ".key") + ", .pub  signs tokens, and checks them");
        }
        out.flush();
    }

    private CertificateAuthority authority(PrintWriter out) throws IOException {
        if (isKept(AUTHORITY)) {
            try {
                return CertificateAuthority.read(directory, AUTHORITY);
            } catch (InvalidTlsMaterial e) {
                throw new Failure(ExitCodes.FAILED, e.getMessage() + "; --force makes everything anew");
            }
        }
        // With a new authority, what an old one signed would no longer fit.
        if (ifMissing && ROLES.stream().anyMatch(role -> isKept(role.file()))) {
            throw new Failure(
                    ExitCodes.FAILED,
                    directory.resolve("ca.crt") + " and ca.key are not both there, but certificates are;"
                            + " --force makes everything anew");
        }
        CertificateAuthority authority = CertificateAuthority.create("Loggregator trial CA");
        authority.writeTo(directory, AUTHORITY);
        out.println(directory.resolve("ca.crt") + "  whom to trust");
        return authority;
    }

    private void issue(CertificateAuthority authority, Role role) throws IOException {
        List<String> names = new ArrayList<>(role.names());
        names.add("localhost");
        List<String> ips = new ArrayList<>(List.of("127.0.0.1"));
        if (role.dialled()) {
            names.addAll(dnsNames);
            ips.addAll(addresses);
        }
        authority
                .issue(role.names().get(0), names, ips, KeyKind.RSA_2048, Duration.ofDays(days))
                .writeTo(directory, role.file());
    }

    /** Whether a certificate and its key are there and stay. */
    private boolean isKept(String name) {
        return ifMissing && files(name).allMatch(Files::exists);
    }

    private Stream<Path> tokenFiles() {
        return Stream.of(directory.resolve(TOKEN_KEY + ".key"), directory.resolve(TOKEN_KEY + ".pub"));
    }

    private Stream<Path> files(String name) {
        return Stream.of(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }
}
