package io.loggregator.cli.client;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks the diagnostics ports of servers, in plain HTTP. Its methods block; not for event loops. */
public final class DiagnosticsClient implements AutoCloseable {
    private static final int ANSWER_SECONDS = 5;
    private static final int LONGEST_REFUSAL = 200;

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    private final HttpClient http = vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) TimeUnit.SECONDS.toMillis(ANSWER_SECONDS)));

    /**
     * What one server said.
     *
     * @param json null if there was a problem
     * @param problem a sentence; null if there was none
     * @param reached whether a server was there; it said no if there was a problem all the same
     */
    public record Answer(Address address, JsonObject json, String problem, boolean reached) {}

    /** Asks all of them at once, for a target such as {@code /ledger?limit=10}; the answers come in their order. */
    public List<Answer> ask(List<Address> addresses, String target) throws InterruptedException {
        List<Future<Answer>> asked = new ArrayList<>();
        addresses.forEach(address -> asked.add(ask(address, target)));
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            answers.add(await(addresses.get(i), asked.get(i)));
        }
        return answers;
    }

    private Future<Answer> ask(Address address, String target) {
        return http.request(new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setHost(address.host())
                        .setPort(address.port())
                        .setURI(target)
                        .setTimeout(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS)))
                .compose(request -> request.send()
                        .compose(response ->
                                response.body().map(body -> read(address, target, response.statusCode(), body))));
    }

    private static Answer read(Address address, String target, int status, Buffer body) {
        String path = target.replaceFirst("\\?.*", "");
        if (status == 404) {
            return refused(
                    address, "has no " + path + ": it is another port, another kind of server, or an older version");
        }
        if (status != 200) {
            String text = body.getString(0, Math.min(body.length(), LONGEST_REFUSAL))
                    .replaceAll("\\p{Cntrl}+", " ")
                    .strip();
            return refused(address, "answered " + status + (text.isEmpty() ? "" : ": " + text));
        }
        try {
            return new Answer(address, body.toJsonObject(), null, true);
        } catch (DecodeException | ClassCastException noJson) {
            return refused(address, "answered something else than JSON: it is no diagnostics port");
        }
    }

    private static Answer refused(Address address, String what) {
        return new Answer(address, null, address.hostAndPort() + " " + what, true);
    }

    private static Answer await(Address address, Future<Answer> answer) throws InterruptedException {
        try {
            return answer.toCompletionStage().toCompletableFuture().get(ANSWER_SECONDS * 2L, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            return unreachable(address, "no answer in " + ANSWER_SECONDS * 2 + " s");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause() instanceof CompletionException wrapped && wrapped.getCause() != null
                    ? wrapped.getCause()
                    : failed.getCause();
            return unreachable(address, Unreachable.reason(address, cause));
        }
    }

    private static Answer unreachable(Address address, String reason) {
        return new Answer(address, null, address.hostAndPort() + " does not answer: " + reason, false);
    }

    @Override
    public void close() {
        try {
            vertx.close().await(5, TimeUnit.SECONDS);
        } catch (TimeoutException abandoned) {
            // A server that does not answer the close is not waited for.
        }
    }
}
