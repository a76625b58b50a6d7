package io.loggregator.trafficcontroller.access;

import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings.Alias;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/** The settings about who may read what at the gateway port of a process that serves nothing but v2. */
public final class RlpAccessSettings {
    static final Setting<Boolean> DISABLE_ACCESS_CONTROL = Setting.flag(
            "RLP_DISABLE_ACCESS_CONTROL", false, "everybody may read everything at the gateway port, without a token");
    static final Setting<Boolean> SKIP_CERT_VERIFY = Setting.flag(
            "SKIP_CERT_VERIFY", false, "do not check the certificates of LOG_ADMIN_ADDR and LOG_ACCESS_ADDR");

    private static final Setting<URI> LOG_ADMIN_ADDR = GatewayAccessSettings.LOG_ADMIN_ADDR.withHelp(
            "UAA, which the gateway asks whether a token may read all logs");
    private static final Setting<URI> LOG_ACCESS_ADDR = GatewayAccessSettings.LOG_ACCESS_ADDR.withHelp(
            "Cloud Controller, which the gateway asks who may see an app");
    private static final Setting<URI> LOG_ACCESS_ADDR_EXTERNAL =
            GatewayAccessSettings.LOG_ACCESS_ADDR_EXTERNAL.withHelp(
                    "Cloud Controller's public API, which the gateway asks who may see a service instance; without it nobody"
                            + " may. Trusted as LOG_ACCESS_ADDR is");

    /** All of them, in the order of the reference. */
    public static final List<Setting<?>> ALL = Stream.of(
                    List.of(
                            DISABLE_ACCESS_CONTROL,
                            LOG_ADMIN_ADDR,
                            GatewayAccessSettings.LOG_ADMIN_CLIENT_ID,
                            GatewayAccessSettings.LOG_ADMIN_CLIENT_SECRET,
                            GatewayAccessSettings.LOG_ADMIN_CA_PATH,
                            LOG_ACCESS_ADDR,
                            GatewayAccessSettings.LOG_ACCESS_CERT_PATH,
                            GatewayAccessSettings.LOG_ACCESS_KEY_PATH,
                            GatewayAccessSettings.LOG_ACCESS_CA_PATH,
                            GatewayAccessSettings.LOG_ACCESS_COMMON_NAME,
                            LOG_ACCESS_ADDR_EXTERNAL,
                            SKIP_CERT_VERIFY),
                    AccessSettings.TOKENS_AND_ANSWERS)
            .<Setting<?>>flatMap(List::stream)
            .toList();

    /** Those that a Traffic Controller has by other names. */
    public static final List<Alias<?>> ALIASES = List.of(
            new Alias<>(AccessSettings.DISABLE_ACCESS_CONTROL, DISABLE_ACCESS_CONTROL),
            new Alias<>(AccessSettings.SKIP_CERT_VERIFY, SKIP_CERT_VERIFY));

    private RlpAccessSettings() {}

    /**
     * The rules between settings, of a process that has a gateway port.
     *
     * @param insecure whether the process may speak plain text
     */
    public static void rules(Rules rules, boolean insecure) {
        if (rules.on(DISABLE_ACCESS_CONTROL)) {
            rules.warn("RLP_DISABLE_ACCESS_CONTROL=true: EVERYBODY may read everything at the gateway port");
            return;
        }
        if (Stream.of(LOG_ADMIN_ADDR, LOG_ACCESS_ADDR, AccessSettings.JWT_JWKS_URL, AccessSettings.JWT_KEY_FILE)
                .noneMatch(rules::given)) {
            rules.problem(
                    DISABLE_ACCESS_CONTROL,
                    "true, or an authority: LOG_ADMIN_ADDR and LOG_ACCESS_ADDR, or JWT_JWKS_URL or JWT_KEY_FILE; without"
                            + " one nobody could read anything at the gateway port");
            return;
        }
        boolean verify = !rules.on(SKIP_CERT_VERIFY);
        if (!verify) {
            rules.warn("SKIP_CERT_VERIFY=true: tokens go to ANYBODY who answers for UAA or the Cloud Controller");
        }
        GatewayAccessSettings.rules(rules, verify, insecure);
        if (rules.given(LOG_ACCESS_ADDR_EXTERNAL)) {
            rules.require(LOG_ACCESS_ADDR, "it is asked before LOG_ACCESS_ADDR_EXTERNAL");
        }
        AccessSettings.requireTls(rules, AccessSettings.JWT_JWKS_URL, insecure);
        AccessSettings.tokens(rules);
    }
}
