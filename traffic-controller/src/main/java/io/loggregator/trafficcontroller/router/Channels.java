package io.loggregator.trafficcontroller.router;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * As many connections to one Doppler as its streams need: a server may limit the streams of each, and what is beyond that
 * would wait without a word. Owned by the event loop.
 */
final class Channels {
    /** Half of what our own Dopplers grant, for the moments in which a stream ends and opens again. */
    private static final int STREAMS_EACH = 500;

    private final Supplier<ManagedChannel> maker;
    private final List<Line> lines = new ArrayList<>();

    /** One connection, and how many streams it has. */
    static final class Line {
        private final ManagedChannel channel;
        private int streams;

        private Line(ManagedChannel channel) {
            this.channel = channel;
        }

        Channel channel() {
            return channel;
        }
    }

    Channels(Supplier<ManagedChannel> maker) {
        this.maker = maker;
        lines.add(new Line(maker.get()));
    }

    /** The one that there always is; it tells whether the Doppler can be reached. */
    ManagedChannel first() {
        return lines.get(0).channel;
    }

    /** One that has room for another stream, which is to be given back. */
    Line take() {
        for (Line line : lines) {
            if (line.streams < STREAMS_EACH) {
                line.streams++;
                return line;
            }
        }
        Line more = new Line(maker.get());
        more.streams = 1;
        lines.add(more);
        return more;
    }

    /** A stream has ended; a connection without any is closed, unless it is the first. */
    void giveBack(Line line) {
        line.streams--;
        if (line.streams == 0 && line != lines.get(0)) {
            lines.remove(line);
            line.channel.shutdown();
        }
    }

    /** The Doppler can be reached: no connection need wait any longer. */
    void reachable() {
        for (int i = 1; i < lines.size(); i++) {
            lines.get(i).channel.resetConnectBackoff();
        }
    }

    /** Ends all connections, at once. */
    void close() {
        lines.forEach(line -> line.channel.shutdownNow());
    }
}
