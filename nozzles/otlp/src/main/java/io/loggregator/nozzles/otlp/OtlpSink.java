package io.loggregator.nozzles.otlp;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.LeftOut;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.logs.v1.LogsServiceGrpc;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * Sends batches to a collector. A batch is handled when the collector has answered all requests that it was made into,
 * which go out one after the other, logs and metrics side by side. Each is made when the one before is on its way, as all
 * together they may be many times larger than the batch.
 */
final class OtlpSink implements Destination {
    private final ManagedChannel channel;
    private final Signal<ExportLogsServiceRequest, ExportLogsServiceResponse> logs;
    private final Signal<ExportMetricsServiceRequest, ExportMetricsServiceResponse> metrics;
    private final long largest;
    private final LeftOut leftOut = new LeftOut();

    /**
     * @param channel is shut down with the sink
     * @param calls the same, with what every call has
     * @param largest bytes of a request, unless it is of one log record or data point
     */
    OtlpSink(ManagedChannel channel, Channel calls, Duration timeout, Signal.Pauses pauses, long largest) {
        this.channel = channel;
        this.largest = largest;
        logs = new Signal<>(
                "log_records",
                calls,
                LogsServiceGrpc.getExportMethod(),
                answer -> new Signal.Partial(
                        answer.getPartialSuccess().getRejectedLogRecords(),
                        answer.getPartialSuccess().getErrorMessage()),
                timeout,
                pauses,
                channel::enterIdle,
                leftOut);
        metrics = new Signal<>(
                "data_points",
                calls,
                MetricsServiceGrpc.getExportMethod(),
                answer -> new Signal.Partial(
                        answer.getPartialSuccess().getRejectedDataPoints(),
                        answer.getPartialSuccess().getErrorMessage()),
                timeout,
                pauses,
                channel::enterIdle,
                leftOut);
    }

    @Override
    public CompletionStage<?> handle(Batch batch) throws Exception {
        Instant now = Instant.now();
        long observed = Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L) + now.getNano();
        InOrder<ExportLogsServiceRequest> lines = new InOrder<>(logs);
        InOrder<ExportMetricsServiceRequest> points = new InOrder<>(metrics);
        Export export = new Export(observed, largest, lines, points);
        for (Envelope envelope : batch) {
            if (!export.add(envelope)) {
                leftOut.add("unknown", 1, envelope + " is of no kind that is known here");
            }
        }
        export.end();
        return lines.last.thenCombine(points.last, (first, second) -> null);
    }

    /** Sends a batch's requests of one kind, each when the one before was answered. */
    private static final class InOrder<Q> implements Export.Requests<Q> {
        private final Signal<Q, ?> signal;
        private CompletionStage<Void> last = CompletableFuture.completedFuture(null);

        InOrder(Signal<Q, ?> signal) {
            this.signal = signal;
        }

        @Override
        public void send(Q request, long count) throws Exception {
            try {
                last.toCompletableFuture().get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception problem ? problem : e;
            }
            last = signal.export(request, count);
        }
    }

    /** What the collector will never have, by reason. */
    LeftOut leftOut() {
        return leftOut;
    }

    @Override
    public String status() {
        return logs.sent() + " log records and " + metrics.sent() + " data points sent, " + leftOut + ", "
                + (logs.retries() + metrics.retries()) + " requests tried again";
    }

    @Override
    public void close() {
        logs.close();
        metrics.close();
        channel.shutdownNow();
    }
}
