package io.loggregator.nozzle.emitter;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends envelopes to a Doppler, or to the agent of its machine, by {@code loggregator.v2.Ingress/BatchSender}.
 *
 * <p>{@link #emit} never waits: envelopes gather until there are 100, or for 100 ms, and are sent from a thread of the
 * emitter's own. While the server cannot be reached, or takes nothing, they wait; what does not fit into the buffer any more
 * is dropped and counted. The protocol has no acknowledgements: of what a connection had taken just before it broke,
 * nobody knows. What was emitted is sent, dropped or waiting, but for the one batch that is being sent. Thread-safe.
 */
public final class Emitter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Emitter.class);

    /** Far below what a Doppler takes in one message. */
    private static final int MOST_MESSAGE_BYTES = 1 << 20;

    /** So often a thread that waits for the server looks whether the emitter is closed. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long THREAD_ENDS_MILLIS = 500;
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final ManagedChannel channel;
    private final String server;
    private final Duration closeLimit;
    private final Backlog backlog;
    private final Thread sender;
    private final AtomicLong sent = new AtomicLong();
    private volatile String trouble;
    private volatile boolean drained;
    /** When closing has to be over; meaningless before. */
    private volatile long closeBy;

    /** What an emitter is made of. */
    public static final class Builder {
        private final String host;
        private final int port;
        private ChannelCredentials credentials;
        private String serverName;
        private long bufferBytes = 4 << 20;
        private int batchEnvelopes = 100;
        private Duration batchTime = Duration.ofMillis(100);
        private Duration closeLimit = Duration.ofSeconds(5);

        private Builder(String host, int port) {
            this.host = Objects.requireNonNull(host, "host");
            this.port = port;
        }

        /**
         * Mutual TLS, from PEM files that are read now.
         *
         * @param ca whom to trust
         * @param certificate to show
         * @param key of the certificate, PKCS#8
         * @throws IOException a file cannot be read
         * @throws IllegalArgumentException there is something else in it
         */
        public Builder tls(Path ca, Path certificate, Path key) throws IOException {
            credentials = TlsChannelCredentials.newBuilder()
                    .trustManager(ca.toFile())
                    .keyManager(certificate.toFile(), key.toFile())
                    .build();
            return this;
        }

        /** The name that the server's certificate is for, if that is not the host: {@code doppler} or {@code metron}. */
        public Builder serverName(String name) {
            serverName = name;
            return this;
        }

        /** Plain text, for a server that runs without TLS: anybody on the way can read what is sent. */
        public Builder insecurelyPlainText() {
            credentials = InsecureChannelCredentials.create();
            return this;
        }

        /**
         * How many bytes of envelopes may wait; 4 MiB unless set.
         *
         * @throws IllegalArgumentException it is not positive
         */
        public Builder buffer(long bytes) {
            bufferBytes = positive(bytes, "the buffer's bytes");
            return this;
        }

        /**
         * When a batch is due, 100 envelopes or 100 ms unless set.
         *
         * @throws IllegalArgumentException one of them is not positive
         */
        public Builder batch(int envelopes, Duration time) {
            batchEnvelopes = (int) positive(envelopes, "a batch's envelopes");
            positive(time.toNanos(), "a batch's time");
            batchTime = time;
            return this;
        }

        /** How long {@link Emitter#close} may take; 5 s unless set. */
        public Builder closeWithin(Duration limit) {
            closeLimit = limit;
            return this;
        }

        /**
         * Starts it; the server need not be there yet.
         *
         * @throws IllegalStateException neither TLS nor plain text was chosen
         */
        public Emitter start() {
            if (credentials == null) {
                throw new IllegalStateException("choose tls(...) or insecurelyPlainText()");
            }
            return new Emitter(this);
        }

        private static long positive(long number, String what) {
            if (number <= 0) {
                throw new IllegalArgumentException(what + " must be positive, not " + number);
            }
            return number;
        }
    }

    private Emitter(Builder builder) {
        ManagedChannelBuilder<?> channelBuilder =
                Grpc.newChannelBuilderForAddress(builder.host, builder.port, builder.credentials);
        if (builder.serverName != null) {
            channelBuilder.overrideAuthority(builder.serverName);
        }
        channel = channelBuilder.build();
        server = builder.host + ":" + builder.port;
        closeLimit = builder.closeLimit;
        backlog = new Backlog(builder.bufferBytes, builder.batchEnvelopes, builder.batchTime.toNanos());
        sender = new Thread(this::run, "loggregator-emitter");
        sender.setDaemon(true);
        sender.start();
    }

    /** One to this server, such as a Doppler's router port (8082) or an agent's (3458). */
    public static Builder to(String host, int port) {
        return new Builder(host, port);
    }

    /**
     * Takes an envelope to be sent, and does not wait.
     *
     * @return false: it was dropped, because the buffer is full, it is above 10 MiB, or the emitter is closed
     */
    public boolean emit(Envelope envelope) {
        return backlog.add(envelope.toByteArray());
    }

    /** Envelopes that were handed to a connection which was ready for them. */
    public long sent() {
        return sent.get();
    }

    /** Envelopes that were not taken, or not sent before the emitter was closed. */
    public long dropped() {
        return backlog.dropped();
    }

    /** Envelopes that wait to be sent. */
    public long waiting() {
        return backlog.waiting();
    }

    /** Why the server is not being sent to; empty while it is. */
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** {@link #drain} within the time that was set for it. */
    @Override
    public void close() {
        drain(closeLimit);
    }

    /**
     * Takes no more envelopes, sends what waits, and ends the connection, within this time; what does not get out by then is
     * dropped and counted. An interrupt cuts it short.
     *
     * @return whether the server has read everything that was sent on the last connection, and nothing had to be dropped now
     */
    public boolean drain(Duration limit) {
        closeBy = System.nanoTime() + limit.toNanos();
        backlog.close();
        try {
            // The thread watches the time itself.
            sender.join(limit.toMillis() + THREAD_ENDS_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sender.interrupt();
        backlog.giveUp();
        channel.shutdownNow();
        return drained;
    }

    private void run() {
        Upload upload = null;
        boolean used = false;
        long pause = FIRST_PAUSE_MILLIS;
        try {
            while (backlog.awaitBatch()) {
                if (upload == null) {
                    // The channel's own pauses between dials grow to minutes; ours are enough.
                    channel.resetConnectBackoff();
                    upload = Upload.open(channel);
                    used = false;
                }
                if (upload.awaitReady(Math.min(LOOK_NANOS, timeLeft()))) {
                    Records records = backlog.take(MOST_MESSAGE_BYTES);
                    upload.send(records.batch());
                    sent.addAndGet(records.count());
                    recovered();
                    used = true;
                    pause = FIRST_PAUSE_MILLIS;
                } else if (isOver()) {
                    return;
                } else if (upload.end() != null) {
                    // A server that ends a stream in order wants another one.
                    boolean asked = used && upload.end().isOk();
                    failed(upload.end());
                    upload = null;
                    if (!asked) {
                        backlog.pause(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1));
                        pause = backlog.isClosed() ? FIRST_PAUSE_MILLIS : Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
                    }
                }
            }
            drained = upload == null || upload.finish(timeLeft());
        } catch (InterruptedException closed) {
            // The end.
        } finally {
            if (upload != null && upload.end() == null) {
                upload.cancel();
            }
        }
    }

    private boolean isOver() {
        return backlog.isClosed() && timeLeft() <= 0;
    }

    private long timeLeft() {
        return backlog.isClosed() ? closeBy - System.nanoTime() : Long.MAX_VALUE;
    }

    private void failed(Status end) {
        if (end.isOk()) {
            return;
        }
        String why = text(end);
        if (trouble == null) {
            LOG.warn("cannot send to {}: {}; trying again until it works", server, why);
        }
        trouble = why;
    }

    private static String text(Status end) {
        String description = end.getDescription() == null
                ? end.getCode().name()
                : end.getDescription().replaceAll("\\p{Cntrl}+", " ");
        Throwable cause = end.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause == null ? description : description + ": " + cause.getMessage();
    }

    private void recovered() {
        if (trouble != null) {
            LOG.info("sending to {} again", server);
            trouble = null;
        }
    }
}
