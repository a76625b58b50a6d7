package io.loggregator.doppler.dropsonde;

import java.net.InetSocketAddress;

/**
 * How to listen for datagrams.
 *
 * @param address where; port 0: any free one
 * @param secret by which datagrams are signed; null: they are not
 * @param receiveBuffer bytes that the kernel may hold for each socket
 * @param secretSetting where the secret comes from, for log lines
 * @param receiveBufferSetting where that size comes from, for log lines
 */
public record UdpOptions(
        InetSocketAddress address,
        String secret,
        int receiveBuffer,
        String secretSetting,
        String receiveBufferSetting) {
    /** Without the secret. */
    @Override
    public String toString() {
        return "UDP " + address;
    }
}
