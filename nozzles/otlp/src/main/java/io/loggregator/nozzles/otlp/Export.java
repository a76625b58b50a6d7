package io.loggregator.nozzles.otlp;

import com.google.protobuf.ByteString;
import io.loggregator.nozzle.Counter;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Event;
import io.loggregator.nozzle.Gauge;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Timer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Envelopes, gathered into one request for logs and one for metrics. */
final class Export {
    static final InstrumentationScope SCOPE =
            InstrumentationScope.newBuilder().setName("loggregator").build();

    private final Map<Resource, ScopeLogs.Builder> logs = new LinkedHashMap<>();
    private final Metrics metrics = new Metrics();
    private final long observedNanos;
    private long records;
    private long bytes;

    /** @param observedNanos when the envelopes came, nanoseconds since the Unix epoch */
    Export(long observedNanos) {
        this.observedNanos = observedNanos;
    }

    /** False: it is of a kind that has no place here. */
    boolean add(Envelope envelope) {
        Attributes attributes = new Attributes(envelope);
        if (envelope instanceof Log log) {
            record(log, attributes);
        } else if (envelope instanceof Event event) {
            record(event, attributes);
        } else if (envelope instanceof Counter counter) {
            metrics.counter(counter, attributes);
        } else if (envelope instanceof Gauge gauge) {
            metrics.gauge(gauge, attributes);
        } else if (envelope instanceof Timer timer) {
            metrics.timer(timer, attributes);
        } else {
            return false;
        }
        bytes += envelope.size();
        return true;
    }

    private void record(Log log, Attributes attributes) {
        boolean error = log.type() == Log.Type.ERR;
        add(
                attributes,
                LogRecord.newBuilder()
                        .setTimeUnixNano(time(log.timestampNanos()))
                        .setSeverityNumber(
                                error ? SeverityNumber.SEVERITY_NUMBER_ERROR : SeverityNumber.SEVERITY_NUMBER_INFO)
                        .setSeverityText(log.type().name())
                        .setBody(body(log.payload())));
    }

    private void record(Event event, Attributes attributes) {
        add(
                attributes,
                LogRecord.newBuilder()
                        .setTimeUnixNano(time(event.timestampNanos()))
                        .setEventName(event.title())
                        .setBody(AnyValue.newBuilder().setStringValue(event.body())));
    }

    private void add(Attributes attributes, LogRecord.Builder record) {
        logs.computeIfAbsent(
                        attributes.resource(),
                        resource -> ScopeLogs.newBuilder().setScope(SCOPE))
                .addLogRecords(record.setObservedTimeUnixNano(observedNanos).addAllAttributes(attributes.ofRecord()));
        records++;
    }

    /** Text where it is some, and bytes where it is not. */
    private static AnyValue body(ByteBuffer payload) {
        AnyValue.Builder body = AnyValue.newBuilder();
        try {
            body.setStringValue(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(payload.duplicate())
                    .toString());
        } catch (CharacterCodingException e) {
            body.setBytesValue(ByteString.copyFrom(payload));
        }
        return body.build();
    }

    /** OpenTelemetry has no time before 1970; 0 is unknown. */
    static long time(long nanos) {
        return Math.max(0, nanos);
    }

    /** How many bytes the envelopes had. */
    long bytes() {
        return bytes;
    }

    /** How many records {@link #logs()} has. */
    long records() {
        return records;
    }

    ExportLogsServiceRequest logs() {
        ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
        logs.forEach((resource, scope) -> request.addResourceLogs(
                ResourceLogs.newBuilder().setResource(resource).addScopeLogs(scope)));
        return request.build();
    }

    Metrics metrics() {
        return metrics;
    }
}
