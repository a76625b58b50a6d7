package io.loggregator.nozzles.runner;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.CloudFoundry;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.Selector;
import io.loggregator.nozzle.TlsOptions;
import io.loggregator.nozzle.TokenSupplier;
import io.loggregator.nozzle.Tokens;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Where a nozzle reads from, and as whom, as the settings say. */
final class Subscription {
    private Subscription() {}

    /**
     * A builder that lacks the handler only. Asks the API for the endpoint, if that is what the settings say.
     *
     * @throws io.loggregator.nozzle.NozzleException the API, or a file for TLS, cannot be used
     */
    static Nozzle.Builder of(NozzleProgram program, Settings settings) {
        TlsOptions tls = tls(settings);
        // What is wrong with the files is told before anything is connected to.
        tls.context();
        Nozzle.Builder builder = Nozzle.builder()
                .endpoint(endpoint(settings, tls))
                .tls(tls)
                .connections(settings.get(NozzleSettings.CONNECTIONS))
                .buffer(Math.toIntExact(settings.get(NozzleSettings.BUFFER)));
        settings.find(NozzleSettings.APP)
                .ifPresentOrElse(
                        builder::app,
                        () -> builder.firehose(
                                settings.find(NozzleSettings.SUBSCRIPTION).orElse("nozzle-" + program.name())));
        List<Selector> selectors = program.selectors(settings);
        builder.selectors(selectors.toArray(Selector[]::new));
        token(settings, tls).ifPresent(builder::token);
        settings.find(NozzleSettings.PROXY).ifPresent(address -> proxy(builder, address, settings));
        return builder;
    }

    private static void proxy(Nozzle.Builder builder, HostPort at, Settings settings) {
        InetSocketAddress address = InetSocketAddress.createUnresolved(at.host(), at.port());
        settings.find(NozzleSettings.PROXY_USER)
                .ifPresentOrElse(
                        user -> builder.proxy(address, user, settings.get(NozzleSettings.PROXY_PASSWORD)),
                        () -> builder.proxy(address));
    }

    private static URI endpoint(Settings settings, TlsOptions tls) {
        return settings.find(NozzleSettings.ADDRESS)
                .map(URI::create)
                .orElseGet(() -> CloudFoundry.endpointOf(settings.get(NozzleSettings.API), tls));
    }

    private static TlsOptions tls(Settings settings) {
        TlsOptions tls = settings.get(NozzleSettings.INSECURE)
                ? TlsOptions.insecurelyTrustEverything()
                : settings.find(NozzleSettings.CA_FILE)
                        .map(TlsOptions::trusting)
                        .orElseGet(TlsOptions::system);
        return settings.find(NozzleSettings.CERT_FILE)
                .map(file -> tls.withClientCertificate(file, settings.get(NozzleSettings.KEY_FILE)))
                .orElse(tls);
    }

    private static Optional<TokenSupplier> token(Settings settings, TlsOptions tls) {
        Optional<URI> uaa = settings.find(NozzleSettings.UAA);
        if (uaa.isEmpty()) {
            return settings.find(NozzleSettings.TOKEN)
                    .map(token -> Tokens.of(token.strip().replaceFirst("(?i)^bearer\\s+", "")));
        }
        String client = settings.get(NozzleSettings.UAA_CLIENT);
        String secret = settings.find(NozzleSettings.UAA_SECRET).orElse("");
        return Optional.of(settings.find(NozzleSettings.UAA_REFRESH_TOKEN)
                .map(refresh -> Tokens.refreshToken(uaa.get(), client, secret, refresh, tls))
                .orElseGet(() -> Tokens.clientCredentials(uaa.get(), client, secret, tls)));
    }
}
