package io.loggregator.rehearsal.traffic;

import io.loggregator.rehearsal.nodes.Authority;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Clients that come to a Traffic Controller to see whether it takes them, and how soon it says so. Usable from any thread. */
public final class Caller implements AutoCloseable {
    /** The status of who is taken: the protocol is switched. */
    public static final int TAKEN = 101;

    private static final int OK = 200;

    private final HttpClient client;
    private final String address;
    private final Queue<WebSocket> taken = new ConcurrentLinkedQueue<>();

    /**
     * What was answered.
     *
     * @param after how long the client waited for it
     */
    public record Answer(int status, Duration after) {}

    /**
     * @param port of a Traffic Controller on loopback
     * @param ca whom clients trust (PEM)
     */
    public Caller(int port, Path ca) throws IOException {
        address = "://127.0.0.1:" + port;
        client = HttpClient.newBuilder().sslContext(trusting(ca)).build();
    }

    private static SSLContext trusting(Path ca) throws IOException {
        try (InputStream file = Files.newInputStream(ca)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return tls;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot trust " + ca, e);
        }
    }

    /** Comes with a token; fails if there is no answer, because the connection is broken or whoever answers is not trusted. */
    public CompletableFuture<Answer> call(String path) {
        long began = System.nanoTime();
        return client.newWebSocketBuilder()
                .header("Authorization", Authority.TOKEN)
                .buildAsync(URI.create("wss" + address + path), new WebSocket.Listener() {})
                .handle((socket, failure) -> {
                    Duration after = Duration.ofNanos(System.nanoTime() - began);
                    if (failure == null) {
                        taken.add(socket);
                        return new Answer(TAKEN, after);
                    }
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    if (cause instanceof WebSocketHandshakeException refused) {
                        return new Answer(refused.getResponse().statusCode(), after);
                    }
                    throw new CompletionException(cause);
                });
    }

    /**
     * Whether a client is taken by now.
     *
     * @throws IOException it was refused, or not answered
     */
    public static boolean isTaken(CompletableFuture<Answer> call) throws IOException {
        if (call.isCompletedExceptionally() || (call.isDone() && call.join().status() != TAKEN)) {
            throw new IOException("a new client was not taken");
        }
        return call.isDone();
    }

    /**
     * What a Traffic Controller answers to a request.
     *
     * @throws IOException it refuses
     */
    public byte[] get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https" + address + path))
                .header("Authorization", Authority.TOKEN)
                .build();
        HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != OK) {
            throw new IOException(path + " is answered with " + response.statusCode());
        }
        return response.body();
    }

    /** All that were taken leave. */
    @Override
    public void close() {
        taken.forEach(WebSocket::abort);
    }
}
