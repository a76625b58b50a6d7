package io.loggregator.cli.traffic;

import java.util.Random;
import java.util.UUID;

/**
 * A request to an app.
 *
 * @param app the app
 * @param instance the index of the instance that answers
 * @param startNanos when the router received it, since the Unix epoch
 * @param stopNanos when the router had answered
 * @param id the router's id for it
 * @param method GET or POST
 * @param path with a leading slash
 * @param status of the answer
 * @param responseBytes length of the answer
 * @param client the last part of the client's address, and its port
 */
record SampleRequest(
        SampleApp app,
        int instance,
        long startNanos,
        long stopNanos,
        UUID id,
        String method,
        String path,
        int status,
        int responseBytes,
        int client) {

    static SampleRequest of(SampleApp app, int instance, long now, boolean fails, boolean slow, Random random) {
        String path = app.paths().get(random.nextInt(app.paths().size())).formatted(100 + random.nextInt(900));
        boolean post = !path.equals("/healthz") && random.nextInt(4) == 0;
        long micros = fails ? 5_000_000 : (slow ? 400_000 : 1_500) + random.nextInt(slow ? 900_000 : 40_000);
        int status = fails ? 500 : random.nextInt(40) == 0 ? 404 : post ? 201 : 200;
        return new SampleRequest(
                app,
                instance,
                now - micros * 1000,
                now,
                new UUID(random.nextLong(), random.nextLong()),
                post ? "POST" : "GET",
                path,
                status,
                fails ? 67 : 200 + random.nextInt(20_000),
                random.nextInt(200));
    }
}
