package io.loggregator.nozzles.otlp;

import com.google.protobuf.ByteString;
import io.loggregator.nozzle.Counter;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Event;
import io.loggregator.nozzle.Gauge;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.Timer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
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

/**
 * Makes envelopes into requests, for logs and for metrics. Each goes on as soon as the next log record or data point would
 * make it too large.
 */
final class Export {
    static final InstrumentationScope SCOPE =
            InstrumentationScope.newBuilder().setName("loggregator").build();
    /** More bytes than a message in a message in a request has beside its own: tags, lengths and the scope. */
    static final int FRAME = 64;

    /** Where requests go. */
    interface Requests<Q> {
        /** @param count how many log records or data points it has */
        void send(Q request, long count) throws Exception;
    }

    private final Map<Resource, ScopeLogs.Builder> logs = new LinkedHashMap<>();
    private final Requests<ExportLogsServiceRequest> requests;
    private final Metrics metrics;
    private final long observedNanos;
    private final long largest;
    private long records;
    private long bytes;

    /**
     * @param observedNanos when the envelopes came, nanoseconds since the Unix epoch
     * @param largest bytes of a request, unless it is of one log record or data point
     */
    Export(
            long observedNanos,
            long largest,
            Requests<ExportLogsServiceRequest> logs,
            Requests<ExportMetricsServiceRequest> metrics) {
        this.observedNanos = observedNanos;
        this.largest = largest;
        this.requests = logs;
        this.metrics = new Metrics(largest, metrics);
    }

    /** False: it is of a kind that has no place here. */
    boolean add(Envelope envelope) throws Exception {
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
        return true;
    }

    private void record(Log log, Attributes attributes) throws Exception {
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

    private void record(Event event, Attributes attributes) throws Exception {
        add(
                attributes,
                LogRecord.newBuilder()
                        .setTimeUnixNano(time(event.timestampNanos()))
                        .setEventName(event.title())
                        .setBody(AnyValue.newBuilder().setStringValue(event.body())));
    }

    private void add(Attributes attributes, LogRecord.Builder builder) throws Exception {
        LogRecord record = builder.setObservedTimeUnixNano(observedNanos)
                .addAllAttributes(attributes.ofRecord())
                .build();
        Resource resource = attributes.resource();
        long more = (long) record.getSerializedSize() + FRAME;
        long ofResource = (long) resource.getSerializedSize() + FRAME;
        if (records > 0 && bytes + more + (logs.containsKey(resource) ? 0 : ofResource) > largest) {
            sendLogs();
        }
        ScopeLogs.Builder scope = logs.get(resource);
        if (scope == null) {
            scope = ScopeLogs.newBuilder().setScope(SCOPE);
            logs.put(resource, scope);
            bytes += ofResource;
        }
        scope.addLogRecords(record);
        bytes += more;
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

    private void sendLogs() throws Exception {
        ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
        logs.forEach((resource, scope) -> request.addResourceLogs(
                ResourceLogs.newBuilder().setResource(resource).addScopeLogs(scope)));
        long count = records;
        logs.clear();
        records = 0;
        bytes = 0;
        requests.send(request.build(), count);
    }

    /** Nothing comes any more: what is there goes on. */
    void end() throws Exception {
        if (records > 0) {
            sendLogs();
        }
        metrics.end();
    }
}
