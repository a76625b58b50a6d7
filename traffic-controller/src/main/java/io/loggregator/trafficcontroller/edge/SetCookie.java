package io.loggregator.trafficcontroller.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * {@code /set-cookie}: hands a browser the cookie it names, so that it can open streams, where no script can set a
 * header. Parameters come from the query and, of POST, PUT and PATCH, from a form in the body, which goes first.
 */
final class SetCookie {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Set<HttpMethod> WITH_FORM = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);
    private static final String SEPARATORS = "()<>@,;:\\\"/[]?={}";

    private final String domain;
    private final Answers answers;

    SetCookie(String systemDomain, Answers answers) {
        this.domain = systemDomain.isEmpty() ? "" : "; Domain=doppler." + systemDomain;
        this.answers = answers;
    }

    void handle(HttpServerRequest request, Target target) {
        Cors.allow(request);
        request.response().putHeader("Access-Control-Allow-Headers", "Content-Type");
        Query query = Query.parse(target.query());
        if (!WITH_FORM.contains(request.method()) || !hasForm(request)) {
            answer(request, Query.parse(""), query);
            return;
        }
        if (Bodies.announced(request) < Long.MAX_VALUE && Bodies.mayBeLong(request)) {
            refuseLong(request);
            return;
        }
        Buffer body = Buffer.buffer();
        request.handler(piece -> {
            if (body.length() <= Limits.FORM_BYTES) {
                body.appendBuffer(piece, 0, Math.min(piece.length(), Limits.FORM_BYTES + 1 - body.length()));
                if (body.length() > Limits.FORM_BYTES) {
                    refuseLong(request);
                }
            }
        });
        request.endHandler(end -> {
            if (body.length() <= Limits.FORM_BYTES) {
                answer(request, Query.parse(body.toString(StandardCharsets.ISO_8859_1)), query);
            }
        });
    }

    private void refuseLong(HttpServerRequest request) {
        Answers.closing(request);
        answers.refuse(request, Refusal.BAD_FORM, 400, "form longer than " + Limits.FORM_BYTES + " bytes");
    }

    private void answer(HttpServerRequest request, Query form, Query query) {
        if (form.malformed() || query.malformed()) {
            answers.refuse(request, Refusal.BAD_FORM, 400, "malformed form");
            return;
        }
        String name = (form.has("CookieName") ? form : query).get("CookieName");
        String value = (form.has("CookieValue") ? form : query).get("CookieValue");
        if (name.isEmpty() || value.isEmpty()) {
            answers.refuse(request, Refusal.BAD_FORM, 400, "CookieName and CookieValue must not be empty");
        } else if (!name.chars().allMatch(SetCookie::mayBeInName)) {
            answers.refuse(request, Refusal.BAD_FORM, 400, "CookieName is no cookie name");
        } else if (!value.chars().allMatch(SetCookie::mayBeInValue)) {
            answers.refuse(request, Refusal.BAD_FORM, 400, "CookieValue is no cookie value");
        } else {
            boolean quoted = value.indexOf(' ') >= 0 || value.indexOf(',') >= 0;
            String cookie = name + '=' + (quoted ? '"' + value + '"' : value);
            request.response().putHeader(HttpHeaders.SET_COOKIE, cookie + domain + "; HttpOnly; Secure; SameSite=Lax");
            answers.end(request, 200, "");
        }
    }

    private static boolean hasForm(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null
                && type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(FORM);
    }

    /** Whether a character is of a token (RFC 9110, 5.6.2). */
    private static boolean mayBeInName(int c) {
        return c > ' ' && c < 0x7F && SEPARATORS.indexOf(c) < 0;
    }

    /** Whether a character may stand in a cookie's value, in quotes if need be; as in Go's {@code net/http}. */
    static boolean mayBeInValue(int c) {
        return c >= ' ' && c < 0x7F && c != '"' && c != ';' && c != '\\';
    }
}
