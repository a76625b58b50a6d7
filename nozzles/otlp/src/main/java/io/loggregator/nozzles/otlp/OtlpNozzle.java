package io.loggregator.nozzles.otlp;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.BackOff;
import io.loggregator.nozzle.Selector;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.NozzleCommand;
import io.loggregator.nozzles.runner.NozzleProgram;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The program: {@code ./loggregator nozzle otlp}. */
public final class OtlpNozzle implements NozzleProgram {
    static final Setting<URI> ENDPOINT = Setting.url(
                    "OTLP_ENDPOINT",
                    "a collector's OTLP/gRPC port, such as https://collector:4317; http is without TLS")
            .required();
    static final Setting<Signals> SIGNALS = Setting.choice(
            "OTLP_SIGNALS",
            Signals.ALL,
            "what to read and send: log lines and events are logs; counters, gauges and timers are metrics");
    static final Setting<Path> CA_FILE =
            Setting.file("OTLP_CA_FILE", "authorities to trust for it, in PEM; without it those that Java trusts");
    static final Setting<Path> CERT_FILE = Setting.file("OTLP_CERT_FILE", "certificate chain to show to it, in PEM");
    static final Setting<Path> KEY_FILE = Setting.file("OTLP_KEY_FILE", "its private key, in PEM");
    static final Setting<String> HEADERS = Setting.text(
                    "OTLP_HEADERS",
                    null,
                    "what to send with every request, name=value, separated by commas, such as authorization=Bearer x")
            .secret();
    static final Setting<Compression> COMPRESSION =
            Setting.choice("OTLP_COMPRESSION", Compression.GZIP, "how requests are compressed");
    static final Setting<Duration> TIMEOUT = Setting.duration(
            "OTLP_TIMEOUT",
            Duration.ofSeconds(10),
            Duration.ofMillis(1),
            Duration.ofSeconds(10),
            "how long an answer may take, before the request is sent again");
    static final Setting<Long> MAX_REQUEST = Setting.bytes(
            "OTLP_MAX_REQUEST",
            1L << 20,
            1L << 10,
            64L << 20,
            "bytes of a request of more than one log record or data point; collectors take 4 MiB by default");

    /**
     * A batch has to fail before the Traffic Controller forgets this subscription, 30 s after it has closed the connection
     * of a nozzle that acknowledges nothing: then it comes again, and nothing is missing. What may be added to this is the
     * pause before the next attempt, 15 s.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    static final Signal.Pauses PAUSES =
            new Signal.Pauses(new BackOff(Duration.ofMillis(500), Duration.ofMinutes(1)), PATIENCE);

    /** What is read and sent. */
    enum Signals {
        ALL,
        LOGS,
        METRICS
    }

    /** By what requests are made smaller. */
    enum Compression {
        NONE,
        GZIP
    }

    public static void main(String[] args) {
        NozzleCommand.main(new OtlpNozzle(), args);
    }

    @Override
    public String name() {
        return "otlp";
    }

    @Override
    public String description() {
        return "Sends logs and metrics to an OpenTelemetry collector, by OTLP over gRPC.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(ENDPOINT, SIGNALS, CA_FILE, CERT_FILE, KEY_FILE, HEADERS, COMPRESSION, TIMEOUT, MAX_REQUEST);
    }

    @Override
    public void rules(Rules rules) {
        rules.together(CERT_FILE, KEY_FILE);
        boolean plain = rules.find(ENDPOINT)
                .filter(endpoint -> "http".equals(endpoint.getScheme()))
                .isPresent();
        if (plain && (rules.given(CA_FILE) || rules.given(CERT_FILE))) {
            rules.problem(ENDPOINT, "https where certificates are given");
        }
        if (plain) {
            rules.warn(ENDPOINT.name() + " is http: anybody on the way can read what is sent, its headers too");
        }
        rules.find(HEADERS)
                .filter(headers -> metadata(headers) == null)
                .ifPresent(headers -> rules.problem(HEADERS, "name=value, separated by commas"));
    }

    @Override
    public List<Selector> selectors(Settings settings) {
        return switch (settings.get(SIGNALS)) {
            case ALL -> List.of();
            case LOGS -> List.of(Selector.logs(), Selector.events());
            case METRICS -> List.of(Selector.counters(), Selector.gauges(), Selector.timers());
        };
    }

    @Override
    public Destination open(Settings settings) throws IOException {
        return open(settings, PAUSES);
    }

    static OtlpSink open(Settings settings, Signal.Pauses pauses) throws IOException {
        URI endpoint = settings.get(ENDPOINT);
        int port = endpoint.getPort() > 0 ? endpoint.getPort() : 4317;
        ManagedChannel channel = Grpc.newChannelBuilderForAddress(endpoint.getHost(), port, credentials(settings))
                .build();
        List<ClientInterceptor> interceptors = new ArrayList<>();
        settings.find(HEADERS)
                .ifPresent(headers -> interceptors.add(MetadataUtils.newAttachHeadersInterceptor(metadata(headers))));
        if (settings.get(COMPRESSION) == Compression.GZIP) {
            interceptors.add(new Gzip());
        }
        Channel calls = ClientInterceptors.intercept(channel, interceptors);
        return new OtlpSink(channel, calls, settings.get(TIMEOUT), pauses, settings.get(MAX_REQUEST));
    }

    private static ChannelCredentials credentials(Settings settings) throws IOException {
        if ("http".equals(settings.get(ENDPOINT).getScheme())) {
            return InsecureChannelCredentials.create();
        }
        TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
        if (settings.given(CA_FILE)) {
            tls.trustManager(settings.get(CA_FILE).toFile());
        }
        if (settings.given(CERT_FILE)) {
            tls.keyManager(
                    settings.get(CERT_FILE).toFile(), settings.get(KEY_FILE).toFile());
        }
        return tls.build();
    }

    /** The headers, or null if the text is not of their form. */
    private static Metadata metadata(String headers) {
        Metadata metadata = new Metadata();
        for (String header : headers.split(",", -1)) {
            int equals = header.indexOf('=');
            if (equals <= 0) {
                return null;
            }
            try {
                metadata.put(
                        Metadata.Key.of(header.substring(0, equals).strip(), Metadata.ASCII_STRING_MARSHALLER),
                        header.substring(equals + 1).strip());
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        return metadata;
    }

    private static final class Gzip implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return next.newCall(method, options.withCompression("gzip"));
        }
    }
}
