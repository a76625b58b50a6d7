package io.loggregator.nozzles.syslog;

import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.Selector;
import io.loggregator.nozzle.TlsOptions;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.NozzleCommand;
import io.loggregator.nozzles.runner.NozzleProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code ./loggregator nozzle syslog}. */
public final class SyslogNozzle implements NozzleProgram {
    static final Setting<String> DRAIN_URL = Setting.text(
                    "SYSLOG_DRAIN_URL",
                    null,
                    "the syslog server: syslog-tls://HOST[:6514], or syslog://HOST[:514] in plain text")
            .required();
    static final Setting<Path> CA_FILE =
            Setting.file("SYSLOG_CA_FILE", "authorities of the server's certificate, in PEM; without it Java's");
    static final Setting<Path> CERT_FILE =
            Setting.file("SYSLOG_CERT_FILE", "certificate chain to show to the server, in PEM");
    static final Setting<Path> KEY_FILE = Setting.file("SYSLOG_KEY_FILE", "its private key, in PEM");
    static final Setting<Boolean> METRICS =
            Setting.flag("SYSLOG_METRICS", false, "send counters, gauges, timers and events, too, as structured data");
    static final Setting<String> HOSTNAME = Setting.text(
            "SYSLOG_HOSTNAME",
            "loggregator",
            "host name of envelopes without the tags organization_name, space_name and app_name");
    static final Setting<Duration> STALL_TIMEOUT = Setting.duration(
            "SYSLOG_STALL_TIMEOUT",
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            SyslogDestination.LIMIT,
            "how long the server may take nothing before it is connected to anew");

    public static void main(String[] args) {
        NozzleCommand.main(new SyslogNozzle(), args);
    }

    @Override
    public String name() {
        return "syslog";
    }

    @Override
    public String description() {
        return "Brings lines, and metrics if wanted, to a syslog server: RFC 5424 over TCP or TLS with octet counting, in "
                + "the form of Cloud Foundry's log drains.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(DRAIN_URL, CA_FILE, CERT_FILE, KEY_FILE, METRICS, HOSTNAME, STALL_TIMEOUT);
    }

    @Override
    public void rules(Rules rules) {
        Optional<SyslogServer> server = rules.find(DRAIN_URL).flatMap(SyslogServer::parse);
        if (server.isEmpty() && rules.given(DRAIN_URL)) {
            rules.problem(DRAIN_URL, "syslog-tls://HOST:PORT or syslog://HOST:PORT, with nothing behind it");
        }
        rules.together(CERT_FILE, KEY_FILE);
        if (server.isPresent() && !server.get().tls()) {
            for (Setting<?> file : List.of(CA_FILE, CERT_FILE)) {
                if (rules.given(file)) {
                    rules.problem(file, "not given where " + DRAIN_URL.name() + " is syslog://, which is plain text");
                }
            }
        }
    }

    @Override
    public List<Selector> selectors(Settings settings) {
        return settings.get(METRICS) ? List.of() : List.of(Selector.logs());
    }

    @Override
    public Destination open(Settings settings) {
        SyslogServer server = SyslogServer.parse(settings.get(DRAIN_URL)).orElseThrow();
        TlsOptions tls = settings.find(CA_FILE).map(TlsOptions::trusting).orElseGet(TlsOptions::system);
        if (settings.find(CERT_FILE).isPresent()) {
            tls = tls.withClientCertificate(settings.get(CERT_FILE), settings.get(KEY_FILE));
        }
        if (server.tls()) {
            // What is wrong with the files is told now, and not when lines wait.
            tls.context();
        }
        return new SyslogDestination(
                new SyslogConnector(server, tls, settings.get(STALL_TIMEOUT)),
                new SyslogFormat(settings.get(HOSTNAME), settings.get(METRICS)),
                SyslogDestination.LIMIT);
    }
}
