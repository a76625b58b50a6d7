package io.loggregator.node.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this machine calls itself. */
public final class HostName {
    private HostName() {}

    /** The host's name; {@code localhost} if it has none. */
    public static String own() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
