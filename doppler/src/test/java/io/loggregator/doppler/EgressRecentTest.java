package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.plumbing.ContainerMetricsRequest;
import org.cloudfoundry.loggregator.plumbing.DopplerGrpc;
import org.cloudfoundry.loggregator.plumbing.RecentLogsRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The recent past as Traffic Controllers until 2019 ask for it. */
class EgressRecentTest {
    private static final int KEPT = 100;

    private RunningDoppler doppler;
    private Subscriber subscriber;

    @BeforeEach
    void start() {
        doppler = RunningDoppler.plain(2, "DOPPLER_RECENT_LOGS", Integer.toString(KEPT));
        subscriber = Subscriber.plain(doppler);
    }

    @AfterEach
    void stop() {
        subscriber.close();
        doppler.close();
    }

    private void emit(List<Envelope> envelopes) {
        try (Emitter emitter = Emitter.plain(doppler)) {
            emitter.emit(envelopes);
        }
    }

    private DopplerGrpc.DopplerBlockingStub stub() {
        return DopplerGrpc.newBlockingStub(subscriber.channel()).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private List<EventFactory.Envelope> recentLogs(String app) {
        return stub().recentLogs(RecentLogsRequest.newBuilder().setAppID(app).build()).getPayloadList().stream()
                .map(Subscriber::parse)
                .toList();
    }

    private List<EventFactory.Envelope> containerMetrics(String app) {
        return stub()
                .containerMetrics(
                        ContainerMetricsRequest.newBuilder().setAppID(app).build())
                .getPayloadList()
                .stream()
                .map(Subscriber::parse)
                .toList();
    }

    @Test
    void theNewestLogsOfAnAppComeOldestFirstWhateverLaneTheyAreIn() {
        for (int i = 0; i < 8; i++) {
            List<Envelope> mixed = new ArrayList<>(Envelopes.logs("app", 100 * i, 100 + 100 * i));
            mixed.add(Envelopes.log("other", i));
            mixed.add(Envelopes.counter("app", i));
            emit(mixed);
        }

        List<EventFactory.Envelope> logs = recentLogs("app");

        assertThat(logs).hasSize(KEPT).allSatisfy(log -> {
            assertThat(log.getEventType()).isEqualTo(EventFactory.Envelope.EventType.LogMessage);
            assertThat(log.getLogMessage().getAppId()).isEqualTo("app");
        });
        assertThat(logs).extracting(EventFactory.Envelope::getTimestamp).isSorted();
        assertThat(logs.get(KEPT - 1).getTimestamp()).isEqualTo(799);
        assertThat(recentLogs("nobody")).isEmpty();
        assertThat(recentLogs("")).isEmpty();
    }

    @Test
    void theNewestContainerMetricOfEachInstanceComes() {
        long now = System.currentTimeMillis() * 1_000_000;
        for (int i = 0; i < 4; i++) {
            emit(List.of(
                    Envelopes.containerMetric("app", 0, now + i),
                    Envelopes.containerMetric("app", 1, now - i),
                    Envelopes.containerMetric("other", 2, now)));
        }

        List<EventFactory.Envelope> metrics = containerMetrics("app");

        assertThat(metrics)
                .extracting(metric -> metric.getContainerMetric().getInstanceIndex())
                .containsExactly(0, 1);
        assertThat(metrics).extracting(EventFactory.Envelope::getTimestamp).containsExactly(now + 3, now);
        assertThat(containerMetrics("nobody")).isEmpty();
    }

    @Test
    void anAppIdBeyondTheLimitIsRefused() {
        assertThatThrownBy(() -> recentLogs("x".repeat(1_025)))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refusal -> assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining("appID has more than 1024 bytes");
    }
}
