package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.loggregator.node.process.ExitCodes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void makeKeys() {
        assertThat(CommandRun.of("certs", directory.toString(), "--token-key").status())
                .isZero();
    }

    private static CommandRun token(String... options) {
        String[] args = new String[options.length + 3];
        args[0] = "token";
        args[1] = "--key";
        args[2] = directory.resolve("token.key").toString();
        System.arraycopy(options, 0, args, 3, options.length);
        return CommandRun.of(args);
    }

    @Test
    void whatIsPrintedIsATokenSignedWithTheKey() throws Exception {
        CommandRun run = token(
                "--firehose",
                "--app",
                "app-1",
                "--app",
                "app-2",
                "--space",
                "space-1",
                "--scope",
                "other",
                "--issuer",
                "me",
                "--audience",
                "you",
                "--ttl",
                "30m");
        assertThat(run.status()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("bearer ").endsWith("\n");

        SignedJWT token =
                SignedJWT.parse(run.out().substring("bearer ".length()).strip());
        JWK key = JWK.parseFromPEMEncodedObjects(Files.readString(directory.resolve("token.pub")));
        assertThat(token.verify(new RSASSAVerifier(key.toRSAKey()))).isTrue();
        JWTClaimsSet claims = token.getJWTClaimsSet();
        assertThat(claims.getStringListClaim("scope")).containsExactly("other", "doppler.firehose");
        assertThat(claims.getStringListClaim("apps")).isEqualTo(List.of("app-1", "app-2"));
        assertThat(claims.getStringListClaim("spaces")).isEqualTo(List.of("space-1"));
        assertThat(claims.getIssuer()).isEqualTo("me");
        assertThat(claims.getAudience()).containsExactly("you");
        assertThat(claims.getExpirationTime().toInstant())
                .isBetween(
                        Instant.now().plus(Duration.ofMinutes(20)),
                        Instant.now().plus(Duration.ofMinutes(31)));
    }

    @Test
    void aTokenIsForSomething() {
        CommandRun run = token();
        assertThat(run.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.err()).contains("--firehose");
    }

    @Test
    void aKeyThatIsNoneIsNamed() throws Exception {
        for (Path file : List.of(
                directory.resolve("missing.key"),
                directory.resolve("token.pub"),
                Files.writeString(directory.resolve("text"), "no key"))) {
            CommandRun run = CommandRun.of("token", "--firehose", "--key", file.toString());
            assertThat(run.status()).isEqualTo(ExitCodes.CONFIGURATION);
            assertThat(run.err()).contains(file.toString()).doesNotContain("Exception");
        }
    }

    @Test
    void aTimeThatIsNoneIsSaidSo() {
        CommandRun run = token("--firehose", "--ttl", "0");
        assertThat(run.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.err()).contains("--ttl");
    }
}
