package io.loggregator.cli;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.cli.terminal.VersionText;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.settings.GoDurations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code token}. */
@Command(
        name = "token",
        description = {
            "Make a token for trying out access control, and print it.",
            "A Traffic Controller takes it whose JWT_KEY_FILE is the other half of the key: see 'certs --token-key'."
        },
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class)
final class TokenCommand implements Callable<Integer> {
    private static final String FIREHOSE_SCOPE = "doppler.firehose";

    private final Terminal terminal;

    @Spec
    private CommandSpec command;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            required = true,
            description = "PEM file with the private key to sign with, RSA or EC, such as certs/token.key.")
    private Path key;

    @Option(names = "--firehose", description = "Good for the firehose: the scope " + FIREHOSE_SCOPE + ".")
    private boolean firehose;

    @Option(names = "--app", paramLabel = "ID", description = "Good for this app; may be repeated.")
    private List<String> apps = new ArrayList<>();

    @Option(names = "--space", paramLabel = "ID", description = "Good for the apps of this space; may be repeated.")
    private List<String> spaces = new ArrayList<>();

    @Option(names = "--scope", paramLabel = "SCOPE", description = "Another scope; may be repeated.")
    private List<String> scopes = new ArrayList<>();

    @Option(names = "--issuer", paramLabel = "URL", description = "Who says so, for JWT_ISSUER.")
    private String issuer;

    @Option(names = "--audience", paramLabel = "NAME", description = "For whom, for JWT_AUDIENCE; may be repeated.")
    private List<String> audience = new ArrayList<>();

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            defaultValue = "1h",
            description = "How long it is good, such as 90s, 30m or 24h. Default: ${DEFAULT-VALUE}")
    private String ttl;

    TokenCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Duration good = duration();
        if (firehose) {
            scopes.add(FIREHOSE_SCOPE);
        }
        if (scopes.isEmpty() && apps.isEmpty() && spaces.isEmpty()) {
            throw new ParameterException(
                    command.commandLine(), "a token for what? Give --firehose, --app, --space or --scope");
        }
        PrintWriter out = new PrintWriter(terminal.out(), false, StandardCharsets.UTF_8);
        out.println("bearer " + sign(claims(Instant.now(), good)));
        out.flush();
        return ExitCodes.OK;
    }

    private Duration duration() {
        try {
            Duration good = GoDurations.parse(ttl.strip());
            if (good.compareTo(Duration.ofSeconds(1)) >= 0) {
                return good;
            }
        } catch (IllegalArgumentException notOne) {
            // Said below.
        }
        throw new ParameterException(
                command.commandLine(), "--ttl must be a time from 1s, such as 90s, 30m or 24h, not " + ttl);
    }

    private JWTClaimsSet claims(Instant now, Duration good) {
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder()
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(good)))
                .claim("scope", scopes);
        if (issuer != null) {
            claims.issuer(issuer);
        }
        if (!audience.isEmpty()) {
            claims.audience(audience);
        }
        if (!apps.isEmpty()) {
            claims.claim("apps", apps);
        }
        if (!spaces.isEmpty()) {
            claims.claim("spaces", spaces);
        }
        return claims.build();
    }

    private String sign(JWTClaimsSet claims) {
        try {
            JWK signing = JWK.parseFromPEMEncodedObjects(Files.readString(key));
            if (!signing.isPrivate()) {
                throw new Failure(ExitCodes.CONFIGURATION, "--key: " + key + " holds no private key");
            }
            SignedJWT token = new SignedJWT(new JWSHeader.Builder(algorithm(signing)).build(), claims);
            token.sign(new DefaultJWSSignerFactory().createJWSSigner(signing, algorithm(signing)));
            return token.serialize();
        } catch (IOException unreadable) {
            throw new Failure(
                    ExitCodes.CONFIGURATION,
                    "--key: the file " + key + (Files.exists(key) ? " cannot be read" : " does not exist"));
        } catch (JOSEException unfit) {
            throw new Failure(
                    ExitCodes.CONFIGURATION,
                    "--key: " + key
                            + " holds no private key in PEM that can be used: RSA from 2048 bits in PKCS#8, or EC in SEC1");
        }
    }

    private static JWSAlgorithm algorithm(JWK key) {
        if (!key.getKeyType().equals(KeyType.EC)) {
            return JWSAlgorithm.RS256;
        }
        return switch (key.toECKey().getCurve().getName()) {
            case "P-384" -> JWSAlgorithm.ES384;
            case "P-521" -> JWSAlgorithm.ES512;
            default -> JWSAlgorithm.ES256;
        };
    }
}
