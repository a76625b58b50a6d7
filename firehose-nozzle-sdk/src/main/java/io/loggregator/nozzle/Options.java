package io.loggregator.nozzle;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a nozzle was built with, checked.
 *
 * @param firehose the subscription id, if it is a firehose
 * @param app the app's guid, if it is that app's stream
 * @param proxyAuthorization what the proxy is told; null: nothing
 * @param buffer batch bytes that each connection may hold
 */
record Options(
        URI endpoint,
        Optional<String> firehose,
        Optional<String> app,
        Optional<Filter> filter,
        List<Selector> selectors,
        TlsOptions tls,
        TokenSupplier token,
        InetSocketAddress proxy,
        String proxyAuthorization,
        BackOff backOff,
        int buffer,
        int connections,
        Duration keepAlive,
        Duration connectTimeout,
        Duration closeTimeout,
        BatchHandler handler) {
    /** For people and names of threads. */
    String name() {
        return firehose.orElseGet(app::orElseThrow);
    }
}
