package io.loggregator.rehearsal.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.rehearsal.nodes.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Between two sockets of this test. */
@Timeout(60)
class FaultProxyTest {
    private static final int SHORT_MILLIS = 300;
    private static final int LONG_MILLIS = 20_000;

    private final ServerSocket listener;
    private final FaultProxy proxy;
    private Socket client;
    private Socket server;

    FaultProxyTest() throws IOException {
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        proxy = new FaultProxy(listener.getLocalPort());
    }

    @BeforeEach
    void connect() throws IOException {
        client = newClient();
        server = listener.accept();
        server.setSoTimeout(LONG_MILLIS);
    }

    private Socket newClient() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(LONG_MILLIS);
        return socket;
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
        proxy.close();
        listener.close();
    }

    private static void send(Socket from, String text) throws IOException {
        from.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String receive(Socket at, int length) throws IOException {
        return new String(at.getInputStream().readNBytes(length), StandardCharsets.US_ASCII);
    }

    private static void assertNothingComesTo(Socket socket) throws IOException {
        socket.setSoTimeout(SHORT_MILLIS);
        InputStream in = socket.getInputStream();
        assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(LONG_MILLIS);
    }

    @Test
    void listensWhereItIsTold() throws IOException {
        InetSocketAddress elsewhere = new InetSocketAddress("127.0.0.2", proxy.port());
        try (FaultProxy other = FaultProxy.at(elsewhere, listener.getLocalPort());
                Socket hello = new Socket(elsewhere.getAddress(), other.port())) {
            try (Socket taken = listener.accept()) {
                send(hello, "hello");
                assertThat(receive(taken, 5)).isEqualTo("hello");
            }
        }
    }

    @Test
    void passesOnBothWaysAndCounts() throws IOException, InterruptedException {
        send(client, "question");
        assertThat(receive(server, 8)).isEqualTo("question");
        send(server, "answer");
        assertThat(receive(client, 6)).isEqualTo("answer");

        // What has arrived is counted a moment later.
        Await.until(
                Duration.ofSeconds(20),
                "all is counted",
                () -> proxy.passed(Direction.FORTH) == 8 && proxy.passed(Direction.BACK) == 6);
        assertThat(proxy.connections()).isEqualTo(1);
    }

    @Test
    void passesOnTheEndOfOneSideAndLeavesTheOtherOpen() throws IOException {
        send(client, "last");
        client.shutdownOutput();
        assertThat(receive(server, 4)).isEqualTo("last");
        assertThat(server.getInputStream().read()).isEqualTo(-1);

        send(server, "still here");
        assertThat(receive(client, 10)).isEqualTo("still here");
    }

    @Test
    void whatIsHeldOneWayStillGoesTheOther() throws IOException {
        proxy.hold(Direction.FORTH);
        send(client, "unheard");
        assertNothingComesTo(server);
        send(server, "heard");
        assertThat(receive(client, 5)).isEqualTo("heard");

        proxy.heal();
        assertThat(receive(server, 7)).isEqualTo("unheard");
    }

    @Test
    void aConnectionThatIsMadeWhileBothWaysAreHeldHearsNothingUntilTheyHeal() throws IOException {
        proxy.hold(Direction.FORTH);
        proxy.hold(Direction.BACK);
        try (Socket late = newClient();
                Socket itsServer = listener.accept()) {
            send(late, "late");
            assertNothingComesTo(itsServer);
            proxy.heal();
            assertThat(receive(itsServer, 4)).isEqualTo("late");
        }
    }

    @Test
    void aCutResetsBothSidesAndRefusesOthersUntilItHeals() throws IOException {
        send(client, "before");
        assertThat(receive(server, 6)).isEqualTo("before");
        proxy.cut();
        assertThatThrownBy(() -> client.getInputStream().read()).hasMessageContaining("reset");
        assertThatThrownBy(() -> server.getInputStream().read()).hasMessageContaining("reset");
        try (Socket refused = newClient()) {
            assertThatThrownBy(() -> refused.getInputStream().read()).hasMessageContaining("reset");
        }

        proxy.heal();
        try (Socket again = newClient();
                Socket itsServer = listener.accept()) {
            send(again, "after");
            assertThat(receive(itsServer, 5)).isEqualTo("after");
        }
        assertThat(proxy.connections()).isLessThanOrEqualTo(1);
    }

    @Test
    void aLimitMakesWhatGoesThatWayTakeItsTime() throws IOException {
        proxy.limit(Direction.FORTH, 10_000);
        long start = System.nanoTime();
        send(client, "x".repeat(5_000));
        assertThat(receive(server, 5_000)).hasSize(5_000);

        // All but the last piece, a twentieth of a second's worth, has to have had its time.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
    }

    @Test
    void aDelayMakesEverythingLaterButNotSlower() throws IOException {
        proxy.delay(Direction.BACK, Duration.ofMillis(200));
        long start = System.nanoTime();
        for (int i = 0; i < 50; i++) {
            send(server, "0123456789");
        }
        assertThat(receive(client, 500)).startsWith("0123456789").endsWith("0123456789");
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        // One after the other they would take ten seconds.
        assertThat(took).isBetween(Duration.ofMillis(200), Duration.ofSeconds(8));
    }

    @Test
    void whereNobodyListensTheClientIsReset() throws IOException {
        listener.close();
        try (Socket refused = newClient()) {
            assertThatThrownBy(() -> refused.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }
}
