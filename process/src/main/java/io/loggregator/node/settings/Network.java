package io.loggregator.node.settings;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;

/**
 * A range of addresses: those that share their first bits with this one. An IPv4 address written as IPv6 ({@code
 * ::ffff:10.0.0.1}) is an IPv4 address.
 *
 * @param address any address of the range
 * @param prefix how many bits are shared: 0 to 32, or to 128 for IPv6
 */
public record Network(InetAddress address, int prefix) {
    public Network {
        Objects.requireNonNull(address, "address");
        if (prefix < 0 || prefix > address.getAddress().length * Byte.SIZE) {
            throw new IllegalArgumentException("prefix: " + prefix);
        }
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code fd00::/8}, or a single address. Names are not looked up.
     *
     * @throws IllegalArgumentException when the text has another form, or the prefix is longer than the address
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(() -> new IllegalArgumentException("not an address"));
        if (slash < 0) {
            return new Network(address, address.getAddress().length * Byte.SIZE);
        }
        String prefix = text.substring(slash + 1);
        if (!prefix.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a prefix length");
        }
        return new Network(address, Integer.parseInt(prefix));
    }

    /** Reads an IPv4 or IPv6 address without brackets, ports or names; empty if it is none. */
    public static Optional<InetAddress> address(String text) {
        byte[] bytes = text.startsWith("[") ? null : NetUtil.createByteArrayFromIpAddressString(text);
        try {
            return bytes == null ? Optional.empty() : Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // bytes of an address have the right length
        }
    }

    /** Whether the address belongs to the range. */
    public boolean contains(InetAddress other) {
        byte[] own = address.getAddress();
        byte[] bytes = other.getAddress();
        if (own.length != bytes.length) {
            return false;
        }
        for (int bit = 0; bit < prefix; bit += Byte.SIZE) {
            int mask = 0xFF << Math.max(0, Byte.SIZE - (prefix - bit));
            int index = bit / Byte.SIZE;
            if (((own[index] ^ bytes[index]) & mask & 0xFF) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Shows the form that {@link #parse(String)} reads. */
    @Override
    public String toString() {
        return NetUtil.toAddressString(address) + "/" + prefix;
    }
}
