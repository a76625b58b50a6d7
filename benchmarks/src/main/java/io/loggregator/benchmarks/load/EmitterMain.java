package io.loggregator.benchmarks.load;

import io.loggregator.node.tls.InvalidTlsMaterial;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;

/**
 * The generator as a process of its own, so that the kernel's account of it is its own. {@link Emitter} starts it, tells it
 * on its standard input what to do, and reads what came of it on its standard output; it ends with its input.
 */
final class EmitterMain {
    static final int OPEN = 1;
    static final int SEND = 2;

    private static final Duration OPEN_TIME = Duration.ofSeconds(20);

    private final SslContext tls;
    private final String serverName;
    private final EventLoopGroup loop = Transport.loop();
    private Generator generator;

    private EmitterMain(SslContext tls, String serverName) {
        this.tls = tls;
        this.serverName = serverName;
    }

    /** Arguments: its keys, the name that servers show. */
    public static void main(String[] arguments) throws IOException, InvalidTlsMaterial {
        EmitterMain emitter =
                new EmitterMain(Keys.parse(arguments).grpcClient(arguments[Keys.ARGUMENTS]), arguments[Keys.ARGUMENTS]);
        try {
            emitter.obey(
                    new DataInputStream(new BufferedInputStream(System.in)),
                    new DataOutputStream(new BufferedOutputStream(System.out)));
        } catch (EOFException driverIsDone) {
            System.exit(0);
        }
    }

    private void obey(DataInputStream orders, DataOutputStream answers) throws IOException {
        while (true) {
            int order = orders.readByte();
            try {
                switch (order) {
                    case OPEN -> {
                        int port = orders.readInt();
                        open(port, new Shape(orders.readInt(), orders.readInt(), orders.readInt()));
                        for (int left = orders.readInt(); left > 0; left--) {
                            generator.prepare(orders.readInt());
                        }
                        answers.writeBoolean(true);
                    }
                    case SEND -> {
                        Sent sent = generator.send(
                                orders.readInt(),
                                orders.readLong(),
                                orders.readInt(),
                                Duration.ofNanos(orders.readLong()));
                        answers.writeBoolean(true);
                        sent.write(answers);
                    }
                    default -> throw new IllegalStateException("order " + order);
                }
            } catch (EOFException e) {
                throw e;
            } catch (IOException e) {
                answers.writeBoolean(false);
                answers.writeUTF(String.valueOf(e.getMessage()));
            }
            answers.flush();
        }
    }

    private void open(int port, Shape shape) throws IOException {
        if (generator != null) {
            generator.close();
        }
        generator = new Generator(shape, () -> Transport.channel(port, tls, serverName, loop));
        generator.awaitOpen(OPEN_TIME);
    }
}
