package io.loggregator.benchmarks.nozzle;

import io.loggregator.stream.Tally;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import org.cloudfoundry.doppler.CounterEvent;
import org.cloudfoundry.doppler.Envelope;
import org.cloudfoundry.doppler.EventType;
import org.cloudfoundry.doppler.FirehoseRequest;
import org.cloudfoundry.doppler.LogMessage;
import org.cloudfoundry.reactor.DefaultConnectionContext;
import org.cloudfoundry.reactor.doppler.ReactorDopplerClient;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** cf-java-client's {@code DopplerClient}, which makes objects of every envelope. */
final class CfReader extends Reader {
    private static final String DROPPED = "TruncatingBuffer.DroppedMessages";
    private static final String NOTICES = "LGR";

    private final DefaultConnectionContext connections;
    private final Tally received = new Tally();
    private final Tally told = new Tally();
    private final Tally digest = new Tally();
    private final AtomicLong troubles = new AtomicLong();
    private final Disposable stream;

    CfReader(URI endpoint, Path authority, String subscription) throws SSLException {
        SslContext trust =
                SslContextBuilder.forClient().trustManager(authority.toFile()).build();
        connections = DefaultConnectionContext.builder()
                .apiHost(endpoint.getHost())
                .port(endpoint.getPort())
                .additionalHttpClientConfiguration(http -> http.secure(spec -> spec.sslContext(trust)))
                .build();
        stream = ReactorDopplerClient.builder()
                .connectionContext(connections)
                .tokenProvider(any -> Mono.just("bearer none"))
                .root(Mono.just("https://" + endpoint.getAuthority()))
                .build()
                .firehose(FirehoseRequest.builder().subscriptionId(subscription).build())
                .doFinally(end -> troubles.incrementAndGet())
                .subscribe(this::take, failure -> System.err.println("cf-java-client: " + failure));
    }

    private void take(Envelope envelope) {
        gate.pass();
        LogMessage log = envelope.getLogMessage();
        CounterEvent counter = envelope.getCounterEvent();
        if (envelope.getEventType() == EventType.COUNTER_EVENT && DROPPED.equals(counter.getName())) {
            told.add(counter.getDelta());
        } else if (log == null || !NOTICES.equals(log.getSourceType())) {
            long sum = envelope.getTags().size();
            if (log != null) {
                sum += log.getApplicationId().length() + log.getMessage().length();
            }
            digest.add(sum);
            received.add(1);
        }
    }

    @Override
    long received() {
        return received.get();
    }

    @Override
    long told() {
        return told.get();
    }

    @Override
    long troubles() {
        return troubles.get();
    }

    @Override
    long digest() {
        return digest.get();
    }

    @Override
    public void close() {
        stream.dispose();
        connections.dispose();
    }
}
