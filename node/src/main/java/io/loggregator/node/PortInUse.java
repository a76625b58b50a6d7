package io.loggregator.node;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;

/** Tells the operator why a server could not listen, and which setting changes that. */
public final class PortInUse {
    private static final int DEEPEST_CAUSE = 20;

    private PortInUse() {}

    /**
     * A one-line message for a failed bind.
     *
     * @param failure what binding threw, from the JDK or Netty, possibly wrapped
     * @param setting the setting that the port comes from
     * @param address what was to be bound
     */
    public static String explain(Throwable failure, Setting<?> setting, HostPort address) {
        String name = setting.name();
        String place = "port " + address.port() + " on " + address.host();
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++, cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
            if (message.contains("address already in use")) {
                return name + ": " + place + " is in use (set " + name + " to another port, or to "
                        + (setting.type().equals("port") ? "0" : "port 0") + " for any free one)";
            }
            if (message.contains("permission denied")) {
                return name + ": " + place + " is not permitted to this user (set " + name
                        + " to a port from 1024 on, or grant the right to bind low ports)";
            }
            if (message.contains("cannot assign requested address") || message.contains("can't assign requested")) {
                return name + ": " + address.host() + " is no address of this machine, so " + place
                        + " cannot be bound";
            }
            if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
                return name + ": the host " + address.host() + " is not known, so " + place + " cannot be bound";
            }
        }
        return name + ": " + place + " cannot be bound: " + failure;
    }
}
