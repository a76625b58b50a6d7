package io.loggregator.doppler.dropsonde;

import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.node.RateLimitedLog;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lines about datagrams, each kind at most once in ten seconds. Safe for use by any thread. */
final class UdpLog {
    private static final Logger LOG = LoggerFactory.getLogger(UdpLog.class);
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private final RateLimitedLog drops = new RateLimitedLog(LOG, PERIOD);
    private final RateLimitedLog missing = new RateLimitedLog(LOG, PERIOD);
    private final RateLimitedLog invalid = new RateLimitedLog(LOG, PERIOD);
    private final RateLimitedLog envelopes = new RateLimitedLog(LOG, PERIOD);
    private final RateLimitedLog failures = new RateLimitedLog(LOG, PERIOD);
    private final UdpOptions options;

    UdpLog(UdpOptions options) {
        this.options = options;
    }

    /** The receive buffer that a socket was given. */
    void granted(Channel socket) {
        int granted = receiveBuffer(socket);
        if (granted < options.receiveBuffer()) {
            LOG.warn(
                    "the kernel gives UDP sockets receive buffers of {} bytes, not of {} as {} asks for:"
                            + " `sysctl -w net.core.rmem_max={}` lets it",
                    granted,
                    options.receiveBuffer(),
                    options.receiveBufferSetting(),
                    options.receiveBuffer());
        }
    }

    /** Linux tells twice what was asked for, as much again is for its own records; the JDK divides, Netty does not. */
    private static int receiveBuffer(Channel socket) {
        Integer told = socket.config().getOption(ChannelOption.SO_RCVBUF);
        return socket instanceof EpollDatagramChannel ? told / 2 : told;
    }

    void dropped(Channel socket, long count) {
        drops.warn(
                "the kernel dropped {} datagrams: the receive buffer of {} bytes was full; raise {}"
                        + " and, where it is less, `sysctl net.core.rmem_max`",
                count,
                receiveBuffer(socket),
                options.receiveBufferSetting());
    }

    void unsigned(Signatures.Verdict verdict, int length, InetSocketAddress sender) {
        if (verdict == Signatures.Verdict.MISSING) {
            missing.warn("a datagram of {} bytes from {} is too short to be signed, dropped", length, sender);
        } else {
            invalid.warn(
                    "a datagram of {} bytes from {} is not signed with {}, dropped",
                    length,
                    sender,
                    options.secretSetting());
        }
    }

    void badEnvelope(V1Intake.Outcome outcome, int length, InetSocketAddress sender) {
        envelopes.warn("Received bad envelope: {}, {} bytes by UDP from {}", outcome.words(), length, sender);
    }

    void failed(Channel socket, Throwable cause) {
        failures.warn("the UDP socket {} could not be read: {}", socket.localAddress(), cause.toString());
    }
}
