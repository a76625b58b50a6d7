package io.loggregator.nozzles.otlp;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.logs.v1.LogsServiceGrpc;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.MetricsServiceGrpc;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A server of the collector's own service definitions, which takes everything unless told otherwise. */
public final class Collector implements AutoCloseable {
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** What came, in its order, also what was not taken. */
    final List<ExportLogsServiceRequest> logs = new CopyOnWriteArrayList<>();

    final List<ExportMetricsServiceRequest> metrics = new CopyOnWriteArrayList<>();
    final List<Metadata> headers = new CopyOnWriteArrayList<>();
    /** How requests for logs that follow are answered, one each. */
    final Queue<Object> answers = new ConcurrentLinkedQueue<>();

    private final Server server;

    public Collector() throws IOException {
        this(0, InsecureServerCredentials.create());
    }

    /** @param port 0: any */
    Collector(int port, ServerCredentials credentials) throws IOException {
        server = Grpc.newServerBuilderForPort(port, credentials)
                .addService(new Logs())
                .addService(new Points())
                .intercept(new Headers())
                .build()
                .start();
    }

    public int port() {
        return server.getPort();
    }

    /** The next request for logs is refused so. */
    void answer(Status.Code code, String message) {
        answers.add(code.toStatus().withDescription(message).asRuntimeException());
    }

    /** The next request for logs is refused so, with details. */
    void answer(com.google.rpc.Status status) {
        answers.add(StatusProto.toStatusRuntimeException(status));
    }

    /** The next request for logs is answered so. */
    void answer(ExportLogsServiceResponse response) {
        answers.add(response);
    }

    /** The log records of all requests for logs. */
    public List<LogRecord> records() {
        return logs.stream().flatMap(request -> records(request).stream()).toList();
    }

    static List<LogRecord> records(ExportLogsServiceRequest request) {
        return request.getResourceLogsList().stream()
                .flatMap(resource -> resource.getScopeLogsList().stream())
                .flatMap(scope -> scope.getLogRecordsList().stream())
                .toList();
    }

    @Override
    public void close() {
        try {
            server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private final class Logs extends LogsServiceGrpc.LogsServiceImplBase {
        @Override
        public void export(ExportLogsServiceRequest request, StreamObserver<ExportLogsServiceResponse> response) {
            logs.add(request);
            Object answer = answers.poll();
            if (answer instanceof Throwable refusal) {
                response.onError(refusal);
                return;
            }
            response.onNext(
                    answer instanceof ExportLogsServiceResponse partial
                            ? partial
                            : ExportLogsServiceResponse.getDefaultInstance());
            response.onCompleted();
        }
    }

    private final class Points extends MetricsServiceGrpc.MetricsServiceImplBase {
        @Override
        public void export(ExportMetricsServiceRequest request, StreamObserver<ExportMetricsServiceResponse> response) {
            metrics.add(request);
            response.onNext(ExportMetricsServiceResponse.getDefaultInstance());
            response.onCompleted();
        }
    }

    private final class Headers implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
            headers.add(metadata);
            return next.startCall(call, metadata);
        }
    }
}
