package io.loggregator.trafficcontroller.access;

import com.nimbusds.jwt.JWTClaimsSet;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which claims of a token say what it is good for.
 *
 * @param apps the claim that lists app ids; empty for none
 * @param spaces the claim that lists space guids; empty for none
 * @param appScope the scope that grants one app, with {@code {app}} in the place of its id; empty for none
 * @param allAppsScope the scope that grants every app; empty for none
 */
record AppClaims(String apps, String spaces, String appScope, String allAppsScope) {
    static final String PLACE = "{app}";

    /** The values of {@code scope}: a list, as UAA writes it, or a text with spaces between (RFC 8693, 4.2). */
    static Set<String> scopes(JWTClaimsSet claims) {
        return list(claims, "scope");
    }

    /** Whether the token names the app, by claim or scope. */
    boolean name(JWTClaimsSet claims, String app) {
        Set<String> scopes = scopes(claims);
        return (!allAppsScope.isEmpty() && scopes.contains(allAppsScope))
                || (!appScope.isEmpty() && scopes.contains(appScope.replace(PLACE, app)))
                || (!apps.isEmpty() && list(claims, apps).contains(app));
    }

    /** The spaces whose apps the token may see. */
    Set<String> spaces(JWTClaimsSet claims) {
        return spaces.isEmpty() ? Set.of() : list(claims, spaces);
    }

    private static Set<String> list(JWTClaimsSet claims, String name) {
        Object value = claims.getClaim(name);
        Set<String> values = new HashSet<>();
        if (value instanceof List<?> several) {
            several.stream().filter(String.class::isInstance).forEach(item -> values.add((String) item));
        } else if (value instanceof String text) {
            values.addAll(Arrays.asList(text.strip().split(" +")));
        }
        values.remove("");
        return values;
    }
}
