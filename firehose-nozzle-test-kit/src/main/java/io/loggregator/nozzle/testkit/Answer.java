package io.loggregator.nozzle.testkit;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/** How a request is answered, where it is not to be as usual. See {@link Answers}. */
public final class Answer {
    private static final int ENDLESS_PIECE = 64 << 10;
    private static final Map<Integer, String> PHRASES = Map.of(
            101, "Switching Protocols",
            200, "OK",
            302, "Found",
            401, "Unauthorized",
            404, "Not Found");

    private final Action action;

    /** What an answer is to do, on the event loop. */
    @FunctionalInterface
    interface Action {
        void give(Wire wire, Usual usual);
    }

    /** The answer that the request would get without a script. */
    @FunctionalInterface
    interface Usual {
        /** @param handshake how a WebSocket's handshake is to differ */
        void give(Handshake handshake);
    }

    /**
     * How a handshake is answered.
     *
     * @param subprotocol that is chosen; null: the right one
     * @param forged whether {@code Sec-WebSocket-Accept} is wrong
     */
    record Handshake(String subprotocol, boolean forged) {
        static final Handshake RIGHT = new Handshake(null, false);
    }

    private Answer(Action action) {
        this.action = action;
    }

    /** As if there was no script. */
    public static Answer usual() {
        return new Answer((wire, usual) -> usual.give(Handshake.RIGHT));
    }

    /** As if there was no script, but when the stage has completed. */
    public static Answer held(CompletionStage<?> until) {
        return new Answer((wire, usual) -> until.thenRun(() -> usual.give(Handshake.RIGHT)));
    }

    /** A status with no more to say. */
    public static Answer status(int status) {
        return status(status, "");
    }

    /** A status, and a text as body. */
    public static Answer status(int status, String text) {
        return response(status, Map.of("Content-Type", "text/plain; charset=utf-8"), text);
    }

    /** A status, and a body that is said to be JSON. */
    public static Answer json(int status, String json) {
        return response(status, Map.of("Content-Type", "application/json"), json);
    }

    /** 302 to there, an address or a path. */
    public static Answer redirect(String location) {
        return response(302, Map.of("Location", location), "");
    }

    /** Any status, headers and body; {@code Content-Length} and {@code Connection} are added. */
    public static Answer response(int status, Map<String, String> headers, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        Map<String, String> all = new TreeMap<>(headers);
        all.put("Content-Length", Integer.toString(bytes.length));
        all.put("Connection", "close");
        return new Answer((wire, usual) -> {
            wire.write(head(status, all).appendBytes(bytes));
            wire.end();
        });
    }

    /** 200, and a body that does not end. */
    public static Answer endless() {
        Buffer piece = Buffer.buffer(" ".repeat(ENDLESS_PIECE));
        return new Answer((wire, usual) -> {
            wire.write(head(200, Map.of("Content-Type", "application/json", "Connection", "close")));
            wire.writeForEver(piece);
        });
    }

    /** Nothing, for ever. */
    public static Answer silence() {
        return new Answer((wire, usual) -> {});
    }

    /** A TCP reset. */
    public static Answer reset() {
        return new Answer((wire, usual) -> wire.reset());
    }

    /** These bytes, which may be no HTTP, and the end of the connection. */
    public static Answer bytes(byte[] bytes) {
        Buffer copy = Buffer.buffer(bytes);
        return new Answer((wire, usual) -> {
            wire.write(copy);
            wire.end();
        });
    }

    /** A WebSocket that chooses this subprotocol, asked for or not, and speaks v1; empty: none. */
    public static Answer subprotocol(String name) {
        return new Answer((wire, usual) -> usual.give(new Handshake(name, false)));
    }

    /** A handshake whose {@code Sec-WebSocket-Accept} is not that of the client's key. */
    public static Answer forgedHandshake() {
        return new Answer((wire, usual) -> usual.give(new Handshake(null, true)));
    }

    static Answer json(JsonObject json) {
        return json(200, json.encode());
    }

    static Buffer head(int status, Map<String, String> headers) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(PHRASES.getOrDefault(status, "Status"))
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return Buffer.buffer(head.append("\r\n").toString());
    }

    void give(Wire wire, Usual usual) {
        action.give(wire, usual);
    }
}
