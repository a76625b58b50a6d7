package io.loggregator.doppler.dropsonde;

import io.loggregator.stream.Tally;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Asks Linux how many datagrams it has dropped because a socket's receive buffer was full. Belongs to the socket's event
 * loop; the count is read from any thread.
 */
final class KernelDrops {
    private static final int SOL_SOCKET = 1;
    private static final int SO_MEMINFO = 55;
    /** Nine numbers of 32 bits, of which the last counts the drops. */
    private static final int BYTES = 36;

    private static final int DROPS = 32;
    private static final RawUnixChannelOption MEMINFO =
            new RawUnixChannelOption("SO_MEMINFO", SOL_SOCKET, SO_MEMINFO, BYTES);

    private final Channel socket;
    private final Tally count = new Tally();
    private int last;

    /** @param socket a native one that was just made */
    KernelDrops(Channel socket) {
        this.socket = socket;
    }

    /** Looks; tells how many there were since the last time. */
    long look() {
        try {
            ByteBuffer memory = socket.config().getOption(MEMINFO);
            if (memory == null) {
                return 0;
            }
            int now = memory.order(ByteOrder.nativeOrder()).getInt(DROPS);
            long more = Integer.toUnsignedLong(now - last);
            last = now;
            count.add(more);
            return more;
        } catch (ChannelException e) {
            return 0; // a kernel that does not tell
        }
    }

    /** All drops that were seen. */
    long count() {
        return count.get();
    }
}
