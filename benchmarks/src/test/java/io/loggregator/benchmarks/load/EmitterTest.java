package io.loggregator.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.process.JavaProcess;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.KeyKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The generator as a process, into the server that throws everything away, over mutual TLS. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "what a process costs is read from /proc")
class EmitterTest {
    @TempDir
    private Path directory;

    @Test
    void tellsWhatItSent() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("test CA");
        Path ca = authority.writeTo(directory, "ca").certificate();
        Keys keys = new Keys(
                authority
                        .issue("sink", List.of("sink"), List.of(), KeyKind.EC_P256, Duration.ofDays(1))
                        .writeTo(directory, "sink"),
                ca);

        try (Server sink = new Server(
                        JavaProcess.command(Sink.class.getName(), keys.arguments()),
                        "sink",
                        Map.of(),
                        directory.resolve("sink.log"));
                Emitter emitter = new Emitter(keys, "sink", directory.resolve("emitter.log"))) {
            emitter.open(sink.port("grpc"), new Shape(6, 50, 3), 4);
            long before = System.nanoTime();
            Sent sent = emitter.send(1, 8_000, 4, Duration.ofMillis(60));

            assertThat(sent.envelopes()).isEqualTo(480);
            assertThat(Arrays.stream(sent.perSource()).sum()).isEqualTo(480);
            assertThat(sent.perSource()).containsOnly(80);
            assertThat(sent.startNanos() - before)
                    .as("the clock is the same in all processes")
                    .isBetween(0L, System.nanoTime() - before);
            assertThat(emitter.meter().read().total()).isPositive();
        }
    }
}
