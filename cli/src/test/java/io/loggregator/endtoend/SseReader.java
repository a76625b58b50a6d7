package io.loggregator.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A reader of {@code /v2/read} on the JDK's HTTP client. Keeps the envelopes that it receives, and the id of the last
 * event that it has whole, as browsers do.
 */
final class SseReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LIMIT_SECONDS = 20;

    private final InputStream body;
    private final List<JsonNode> received = new ArrayList<>(); // guarded by this
    private final List<String> comments = new CopyOnWriteArrayList<>();
    private String lastId = ""; // guarded by this
    private volatile boolean closed;
    private volatile Throwable failure;

    /** @param lastEventId where an earlier reader was; empty: begins anew */
    SseReader(HttpClient client, URI uri, String lastEventId) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Accept", "text/event-stream")
                .header("Authorization", "bearer token");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> answer = client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                .join();
        if (answer.statusCode() != 200) {
            throw new AssertionError("answered " + answer.statusCode());
        }
        body = answer.body();
        Thread reading = new Thread(this::read, "reader of " + uri.getPath());
        reading.setDaemon(true);
        reading.start();
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            String event = "";
            String id = "";
            String data = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    event = line.substring("event: ".length());
                } else if (line.startsWith("id: ")) {
                    id = line.substring("id: ".length());
                } else if (line.startsWith("data: ")) {
                    data = line.substring("data: ".length());
                } else if (line.startsWith(":")) {
                    comments.add(line);
                } else if (line.isEmpty()) {
                    if (event.isEmpty()) {
                        take(id, JSON.readTree(data));
                    }
                    event = "";
                }
            }
            failure = new AssertionError("the body ended");
        } catch (IOException | RuntimeException e) {
            failure = e;
        }
    }

    private synchronized void take(String id, JsonNode event) {
        if (!closed) {
            event.get("batch").forEach(received::add);
            lastId = id;
        }
    }

    /** Every comment so far, whether the stream has ended or not. */
    List<String> comments() {
        return List.copyOf(comments);
    }

    /** Every envelope so far; fails if the stream has. */
    synchronized List<JsonNode> received() {
        if (failure != null && !closed) {
            throw new AssertionError("the stream failed", failure);
        }
        return List.copyOf(received);
    }

    /** The text of every log line so far; of other envelopes an empty one. */
    List<String> lines() {
        return received().stream().map(SseReader::text).toList();
    }

    private static String text(JsonNode envelope) {
        return new String(
                Base64.getDecoder().decode(envelope.path("log").path("payload").asText()), StandardCharsets.UTF_8);
    }

    /** Where the reader is that goes on after what {@link #received} returns. */
    synchronized String lastId() {
        return lastId;
    }

    @Override
    public void close() {
        vanish();
    }

    /** Goes without a word; what has not been received by now is not received any more. */
    void vanish() {
        synchronized (this) {
            closed = true;
        }
        try {
            body.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
