package io.loggregator.trafficcontroller.access;

import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * The settings about who may read what at the gateway port, by the names of the Go release's gateway. Whatever is not set
 * there is as for the Loggregator port.
 */
public final class GatewayAccessSettings {
    static final Setting<URI> LOG_ADMIN_ADDR = Setting.url(
            "LOG_ADMIN_ADDR",
            "UAA, which the gateway asks whether a token may read all logs; without it TRAFFIC_CONTROLLER_UAA_HOST");
    static final Setting<String> LOG_ADMIN_CLIENT_ID =
            Setting.text("LOG_ADMIN_CLIENT_ID", null, "client id that LOG_ADMIN_ADDR is asked with");
    static final Setting<String> LOG_ADMIN_CLIENT_SECRET =
            Setting.text("LOG_ADMIN_CLIENT_SECRET", null, "its secret").secret();
    static final Setting<Path> LOG_ADMIN_CA_PATH =
            Setting.file("LOG_ADMIN_CA_PATH", "CA certificates (PEM) that LOG_ADMIN_ADDR must come from");
    static final Setting<URI> LOG_ACCESS_ADDR = Setting.url(
            "LOG_ACCESS_ADDR",
            "Cloud Controller, which the gateway asks who may see an app; without it TRAFFIC_CONTROLLER_API_HOST");
    static final Setting<Path> LOG_ACCESS_CERT_PATH =
            Setting.file("LOG_ACCESS_CERT_PATH", "certificate chain (PEM) that is shown to LOG_ACCESS_ADDR");
    static final Setting<Path> LOG_ACCESS_KEY_PATH = Setting.file("LOG_ACCESS_KEY_PATH", "its private key (PEM)");
    static final Setting<Path> LOG_ACCESS_CA_PATH =
            Setting.file("LOG_ACCESS_CA_PATH", "CA certificates (PEM) that LOG_ACCESS_ADDR must come from");
    static final Setting<String> LOG_ACCESS_COMMON_NAME = Setting.text(
            "LOG_ACCESS_COMMON_NAME", "", "name that its certificate must have; empty: the host in the URL");
    static final Setting<URI> LOG_ACCESS_ADDR_EXTERNAL = Setting.url(
            "LOG_ACCESS_ADDR_EXTERNAL",
            "Cloud Controller's public API, which the gateway asks who may see a service instance; without it nobody may."
                    + " Trusted as LOG_ACCESS_ADDR is, or as TRAFFIC_CONTROLLER_API_HOST");

    /** All of them, in the order of the reference. */
    public static final List<Setting<?>> ALL = List.of(
            LOG_ADMIN_ADDR,
            LOG_ADMIN_CLIENT_ID,
            LOG_ADMIN_CLIENT_SECRET,
            LOG_ADMIN_CA_PATH,
            LOG_ACCESS_ADDR,
            LOG_ACCESS_CERT_PATH,
            LOG_ACCESS_KEY_PATH,
            LOG_ACCESS_CA_PATH,
            LOG_ACCESS_COMMON_NAME,
            LOG_ACCESS_ADDR_EXTERNAL);

    private GatewayAccessSettings() {}

    /**
     * The rules between settings.
     *
     * @param verify whether certificates are checked
     * @param insecure whether the process may speak plain text
     */
    static void rules(Rules rules, boolean verify, boolean insecure) {
        rules.find(LOG_ADMIN_ADDR).ifPresent(url -> {
            String because = "LOG_ADMIN_ADDR is set";
            rules.require(LOG_ADMIN_CLIENT_ID, because);
            rules.require(LOG_ADMIN_CLIENT_SECRET, because);
            if (verify && AccessSettings.isTls(url)) {
                rules.require(LOG_ADMIN_CA_PATH, because);
            }
        });
        rules.together(LOG_ACCESS_CERT_PATH, LOG_ACCESS_KEY_PATH);
        rules.find(LOG_ACCESS_ADDR).filter(AccessSettings::isTls).ifPresent(url -> {
            String because = "LOG_ACCESS_ADDR is set";
            rules.require(LOG_ACCESS_CERT_PATH, because);
            if (verify) {
                rules.require(LOG_ACCESS_CA_PATH, because);
            }
        });
        for (Setting<URI> url : List.of(LOG_ADMIN_ADDR, LOG_ACCESS_ADDR, LOG_ACCESS_ADDR_EXTERNAL)) {
            AccessSettings.requireTls(rules, url, insecure);
        }
    }
}
