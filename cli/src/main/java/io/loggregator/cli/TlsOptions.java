package io.loggregator.cli;

import io.loggregator.cli.client.Address;
import io.loggregator.cli.client.TlsFiles;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.node.process.ExitCodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Whom to trust and who to be. */
final class TlsOptions {
    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "PEM file with the certificates to trust. Default: those that Java trusts.")
    private Path ca;

    @Option(names = "--cert", paramLabel = "FILE", description = "PEM file with a client certificate; needs --key.")
    private Path cert;

    @Option(names = "--key", paramLabel = "FILE", description = "PEM file with the private key of --cert.")
    private Path key;

    @Option(names = "--plaintext", description = "Speak plain text to a bare host:port.")
    private boolean plaintext;

    /** Whether any of these options was. */
    boolean given() {
        return plaintext || ca != null || cert != null || key != null;
    }

    /** The files, each of which can be read. */
    TlsFiles files(CommandSpec command) {
        if ((cert == null) != (key == null)) {
            throw new ParameterException(command.commandLine(), "--cert and --key come together");
        }
        return new TlsFiles(readable("--ca", ca), readable("--cert", cert), readable("--key", key));
    }

    /** How these options mean a bare host and port. */
    Address.Bare bare(CommandSpec command) {
        boolean certificates = ca != null || cert != null || key != null;
        if (plaintext && certificates) {
            throw new ParameterException(command.commandLine(), "--plaintext has no use for --ca, --cert and --key");
        }
        return plaintext ? Address.Bare.PLAIN : certificates ? Address.Bare.TLS : Address.Bare.TLS_UNLESS_LOOPBACK;
    }

    private static Optional<Path> readable(String option, Path file) {
        if (file != null && !Files.isReadable(file)) {
            String why = Files.exists(file) ? "cannot be read" : "does not exist";
            throw new Failure(ExitCodes.CONFIGURATION, option + ": the file " + file + " " + why);
        }
        return Optional.ofNullable(file);
    }
}
