package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.loggregator.node.process.ExitCodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(90)
class TrafficCommandTest {
    @Test
    void aRefusalIsFinal() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            server.refuseWith(Status.PERMISSION_DENIED.withDescription("not you"));
            CommandRun traffic = CommandRun.of("traffic", "--rate", "100", "--agents", "2", "--addr", server.address());
            assertThat(traffic.status()).isEqualTo(ExitCodes.REFUSED);
            assertThat(traffic.err()).contains("refused: not you");
        }
    }

    @ParameterizedTest
    @CsvSource({"--rate, -1", "--rate, NaN", "--agents, 0", "--agents, 1001", "--addr, http://x", "--cert, x"})
    void anOptionOutOfItsRangeIsAUsageError(String option, String value) {
        CommandRun traffic = CommandRun.of("traffic", option, value);
        assertThat(traffic.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(traffic.err()).contains(option).contains("Usage: loggregator traffic");
    }
}
