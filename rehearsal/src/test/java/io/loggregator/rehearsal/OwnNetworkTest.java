package io.loggregator.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that {@code rehearsal/run} is started through, with programs in the place of the system's. */
class OwnNetworkTest {
    private static final String TAKES_EVERYTHING = "while [ \"${1#--}\" != \"$1\" ]; do shift; done; exec \"$@\"";

    @TempDir
    private Path programs;

    private void program(String name, String script) throws IOException {
        Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String run() throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "own-network", "/bin/echo", "a b", "c").redirectErrorStream(true);
        builder.environment().put("PATH", programs + ":/usr/bin:/bin");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).isZero();
        return said;
    }

    @Test
    void isInOneWhereItMayBeMade() throws Exception {
        program("unshare", TAKES_EVERYTHING);
        program("ip", "exit 0");
        program("nft", "exit 0");

        assertThat(run()).isEqualTo("a b c --network own");
    }

    @Test
    void isRootOfTheMachineWhereUsersHaveNone() throws Exception {
        program("unshare", "[ \"$1\" != --user ] || exit 1; " + TAKES_EVERYTHING);
        program("ip", "exit 0");
        program("nft", "exit 0");

        assertThat(run()).isEqualTo("a b c --network own");
    }

    @Test
    void saysWhyItIsInNone() throws Exception {
        program("unshare", "echo 'unshare failed: Operation not permitted' >&2; exit 1");

        assertThat(run()).isEqualTo("a b c --network unshare failed: Operation not permitted");
    }

    @Test
    void isInNoneWithoutAPacketFilter() throws Exception {
        program("unshare", TAKES_EVERYTHING);
        program("ip", "exit 0");
        program("nft", "echo 'nft: Protocol not supported' >&2; exit 1");

        assertThat(run()).isEqualTo("a b c --network nft: Protocol not supported");
    }
}
