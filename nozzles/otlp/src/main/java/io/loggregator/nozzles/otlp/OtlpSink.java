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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Sends batches to a collector. A batch is handled when the collector has answered all requests that it was made into,
 * which go out one after the other, logs and metrics side by side.
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
     * @param largest a request is made of no more envelopes than have so many bytes, or of one
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
                leftOut);
    }

    @Override
    public CompletionStage<?> handle(Batch batch) {
        CompletionStage<Void> done = CompletableFuture.completedFuture(null);
        for (Export export : exports(batch)) {
            done = done.thenCompose(before -> send(export));
        }
        return done;
    }

    private List<Export> exports(Batch batch) {
        Instant now = Instant.now();
        long observed = Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L) + now.getNano();
        List<Export> exports = new ArrayList<>();
        Export export = new Export(observed);
        exports.add(export);
        for (Envelope envelope : batch) {
            if (export.bytes() > 0 && export.bytes() + envelope.size() > largest) {
                export = new Export(observed);
                exports.add(export);
            }
            if (!export.add(envelope)) {
                leftOut.add("unknown", 1, envelope + " is of no kind that is known here");
            }
        }
        return exports;
    }

    private CompletionStage<Void> send(Export export) {
        CompletionStage<Void> lines = export.records() == 0
                ? CompletableFuture.completedFuture(null)
                : logs.export(export.logs(), export.records());
        long points = export.metrics().points();
        return points == 0
                ? lines
                : metrics.export(export.metrics().request(), points).thenCombine(lines, (first, second) -> null);
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
