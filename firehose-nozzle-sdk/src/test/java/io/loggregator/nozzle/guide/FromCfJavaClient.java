package io.loggregator.nozzle.guide;

import io.loggregator.nozzle.CloudFoundry;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.Nozzles;
import io.loggregator.nozzle.TlsOptions;
import io.loggregator.nozzle.Tokens;
import java.net.URI;
import java.util.concurrent.Flow;

/** What {@code docs/nozzles.md} shows beside a nozzle written with cf-java-client. */
final class FromCfJavaClient {
    static Flow.Publisher<Envelope> firehose(URI api, String id, String secret) {
        CloudFoundry platform = CloudFoundry.at(api, TlsOptions.system());
        return Nozzles.publisher(Nozzle.builder()
                .endpoint(platform.endpoint())
                .token(Tokens.clientCredentials(platform.uaa(), id, secret))
                .firehose("my-nozzle"));
    }

    private FromCfJavaClient() {}
}
