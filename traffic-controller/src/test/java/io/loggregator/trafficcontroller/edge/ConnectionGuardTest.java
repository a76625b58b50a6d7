package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The times of {@link Limits}, on a clock that the test moves. */
class ConnectionGuardTest {
    private static final String REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    private static final String SLOW = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    private static final Duration MOMENT = Duration.ofMillis(1);

    private static final Limits.Times TIMES = Limits.LOGGREGATOR.times();

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Refusal> refused = new ArrayList<>();
    private final List<String> closedIdle = new ArrayList<>();

    @BeforeEach
    void install() {
        channel.freezeTime();
        channel.pipeline().addLast("httpDecoder", new HttpRequestDecoder());
        channel.pipeline().addLast("httpEncoder", new HttpResponseEncoder());
        ConnectionGuard.install(channel, TIMES, refused::add, closedIdle::add);
    }

    @AfterEach
    void release() {
        channel.finishAndReleaseAll();
    }

    @Test
    void aConnectionWithoutAByteIsEndedAfterTheTimeForHeaders() {
        after(TIMES.headers().minus(MOMENT));
        assertThat(channel.isOpen()).isTrue();
        after(MOMENT);
        assertThat(channel.isOpen()).isFalse();
        assertThat(sent()).isEmpty();
        assertThat(refused).isEmpty();
        assertThat(closedIdle).containsExactly(EdgeOptions.FIRST);
    }

    @Test
    void headersThatTrickleAreAnswered408WhenTheirTimeIsOver() {
        send("GET / HTTP/1.1\r\n");
        Duration step = TIMES.headers().dividedBy(4);
        for (int i = 0; i < 3; i++) {
            after(step);
            send("X: y\r\n");
        }
        assertThat(channel.isOpen()).isTrue();
        after(step);
        assertThat(sent()).isEqualTo(SLOW);
        assertThat(channel.isOpen()).isFalse();
        assertThat(refused).containsExactly(Refusal.SLOW_REQUEST);
    }

    @Test
    void aBodyThatTricklesIsAnswered408WhenItsTimeIsOver() {
        send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nfour");
        after(TIMES.body().minus(MOMENT));
        send("more");
        assertThat(channel.isOpen()).isTrue();
        after(MOMENT);
        assertThat(sent()).isEqualTo(SLOW);
        assertThat(channel.isOpen()).isFalse();
        assertThat(refused).containsExactly(Refusal.SLOW_REQUEST);
    }

    @Test
    void aSlowBodyAfterTheAnswerHasBegunJustEnds() {
        send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nfour");
        channel.writeOutbound(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
        String begun = sent();
        after(TIMES.body());
        assertThat(begun).startsWith("HTTP/1.1 200 OK");
        assertThat(sent()).isEmpty();
        assertThat(channel.isOpen()).isFalse();
        assertThat(refused).containsExactly(Refusal.SLOW_REQUEST);
    }

    @Test
    void anAnswerMayTakeAsLongAsItTakes() {
        send(REQUEST);
        after(Duration.ofDays(1));
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aConnectionThatHadARequestMayBeIdleForLonger() {
        send(REQUEST);
        answer(HttpResponseStatus.OK);
        after(TIMES.idle().minus(MOMENT));
        assertThat(channel.isOpen()).isTrue();
        after(MOMENT);
        assertThat(channel.isOpen()).isFalse();
        assertThat(sent()).startsWith("HTTP/1.1 200 OK").doesNotContain("408");
        assertThat(refused).isEmpty();
        assertThat(closedIdle).containsExactly(EdgeOptions.NEXT);
    }

    @Test
    void aFurtherRequestHasTheTimeForHeadersFromItsFirstByte() {
        send(REQUEST);
        answer(HttpResponseStatus.OK);
        after(TIMES.idle().minus(MOMENT));
        send("G");
        after(TIMES.headers().minus(MOMENT));
        assertThat(channel.isOpen()).isTrue();
        after(MOMENT);
        assertThat(channel.isOpen()).isFalse();
        assertThat(sent()).endsWith(SLOW);
        assertThat(refused).containsExactly(Refusal.SLOW_REQUEST);
        assertThat(closedIdle).isEmpty();
    }

    @Test
    void aPipelinedRequestKeepsTheConnectionFromBeingIdle() {
        send(REQUEST + REQUEST);
        answer(HttpResponseStatus.OK);
        after(Duration.ofDays(1));
        assertThat(channel.isOpen()).isTrue();
        answer(HttpResponseStatus.OK);
        after(TIMES.idle());
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anInterimAnswerIsNotTheAnswer() {
        send("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n");
        answer(HttpResponseStatus.CONTINUE);
        after(TIMES.body());
        assertThat(sent()).endsWith(SLOW);
    }

    @Test
    void theGuardLeavesWhenAWebSocketComesOfTheConnection() {
        send(REQUEST);
        answer(HttpResponseStatus.SWITCHING_PROTOCOLS);
        assertThat(channel.pipeline().get(ConnectionGuard.class)).isNull();
        assertThat(channel.pipeline().get("edgeByteWatch")).isNull();
        after(Duration.ofDays(1));
        assertThat(channel.isOpen()).isTrue();
        assertThat(refused).isEmpty();
        assertThat(closedIdle).isEmpty();
    }

    @Test
    void aConnectionOfHttp2MayBeAsIdle() {
        EmbeddedChannel http2 = new EmbeddedChannel();
        http2.freezeTime();
        ConnectionGuard.install(http2, TIMES, refused::add, closedIdle::add);
        http2.advanceTimeBy(TIMES.idle().minus(MOMENT).toMillis(), TimeUnit.MILLISECONDS);
        http2.runScheduledPendingTasks();
        assertThat(http2.isOpen()).isTrue();
        http2.advanceTimeBy(MOMENT.toMillis(), TimeUnit.MILLISECONDS);
        http2.runScheduledPendingTasks();
        assertThatThrownBy(http2::checkException).isInstanceOf(ReadTimeoutException.class);
        assertThat(http2.isOpen()).isFalse();
        assertThat(closedIdle).containsExactly(EdgeOptions.NEXT);
    }

    private void send(String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
    }

    private void answer(HttpResponseStatus status) {
        channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER));
    }

    private void after(Duration time) {
        channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    /** What was sent since the last time. */
    private String sent() {
        StringBuilder sent = new StringBuilder();
        for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
            sent.append(buffer.toString(StandardCharsets.US_ASCII));
            buffer.release();
        }
        return sent.toString();
    }
}
