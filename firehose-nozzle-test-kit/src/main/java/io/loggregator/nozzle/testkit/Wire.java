package io.loggregator.nozzle.testkit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.time.Duration;

/** A client's TCP connection, with what one may do to it. On the event loop. */
final class Wire {
    private final Vertx vertx;
    private final NetSocket socket;
    /** What a slow wire has not written yet; null for one that is not slow. */
    private Buffer waiting;

    private int atOnce;
    private long pauseMillis;
    private Runnable afterwards;
    private boolean over;

    Wire(Vertx vertx, NetSocket socket) {
        this.vertx = vertx;
        this.socket = socket;
    }

    void write(Buffer bytes) {
        if (over) {
            return;
        }
        if (waiting == null) {
            socket.write(bytes);
        } else {
            waiting.appendBuffer(bytes);
            if (waiting.length() == bytes.length()) {
                trickle();
            }
        }
    }

    /** Writes as fast as the client takes, for as long as it does. */
    void writeForEver(Buffer piece) {
        while (!over && !socket.writeQueueFull()) {
            socket.write(piece);
        }
        socket.drainHandler(room -> writeForEver(piece));
    }

    /** From now on so many bytes at once, with that pause between. */
    void slow(int bytes, Duration pause) {
        atOnce = bytes;
        pauseMillis = pause.toMillis();
        if (waiting == null) {
            waiting = Buffer.buffer();
        }
    }

    private void trickle() {
        if (over) {
            return;
        }
        int piece = Math.min(atOnce, waiting.length());
        socket.write(waiting.getBuffer(0, piece));
        waiting = waiting.getBuffer(piece, waiting.length());
        if (waiting.length() > 0) {
            vertx.setTimer(pauseMillis, next -> trickle());
        } else if (afterwards != null) {
            afterwards.run();
        }
    }

    void stopReading() {
        socket.pause();
    }

    void readAgain() {
        socket.resume();
    }

    /** Ends the connection when what was written is out. */
    void end() {
        if (waiting != null && waiting.length() > 0) {
            afterwards = socket::close;
        } else {
            socket.close();
        }
    }

    /** Ends the connection with a TCP reset, and over TLS without a word. */
    void reset() {
        over = true;
        Channel channel = ((NetSocketInternal) socket).channelHandlerContext().channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        // From the first handler the close passes by TLS, which would say goodbye.
        channel.pipeline().firstContext().close();
    }

    void ended() {
        over = true;
    }
}
