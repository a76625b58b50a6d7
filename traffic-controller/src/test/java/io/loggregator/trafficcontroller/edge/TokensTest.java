package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensTest {
    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

    @Test
    void aHeaderIsTakenAsItStands() {
        headers.add("Authorization", "bearer a%20b+c");
        assertThat(Tokens.of(headers)).isEqualTo("bearer a%20b+c");
    }

    @Test
    void aHeaderWinsOverACookie() {
        headers.add("authorization", "bearer header").add("Cookie", "authorization=cookie");
        assertThat(Tokens.of(headers)).isEqualTo("bearer header");
    }

    @Test
    void anEmptyHeaderLosesToACookie() {
        headers.add("Authorization", "").add("Cookie", "authorization=cookie");
        assertThat(Tokens.of(headers)).isEqualTo("cookie");
    }

    @Test
    void withoutEitherTheTokenIsEmpty() {
        assertThat(Tokens.of(headers.add("Cookie", "other=x"))).isEmpty();
    }

    @Test
    void everyCookieHeaderIsLookedAt() {
        headers.add("Cookie", "a=b").add("Cookie", "c=d; authorization=cookie");
        assertThat(Tokens.of(headers)).isEqualTo("cookie");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "authorization=bearer%20x | bearer x",
                "authorization=bearer+x | bearer x",
                "authorization=a=b%3D | a=b=",
                "a=b;authorization=x;authorization=y | x",
                "authorization=\"bearer x\" | bearer x",
                "authorization=\" | ''",
                "authorization=%zz | ''",
                "authorization=%4 | ''",
                "authorization=%C3%BC | ü",
                "authorization=a\\b; authorization=c | c",
                "authorization= | ''",
                "Authorization=x | ''",
                "authorization | ''",
                "; ; authorization=x | x"
            })
    void aCookieIsUnescapedAsAQuery(String cookie, String token) {
        assertThat(Tokens.of(headers.add("Cookie", cookie))).isEqualTo(token);
    }
}
