package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.trafficcontroller.edge.Target.Endpoint;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every target; the table in {@code docs/protocols.md} has the single cases. */
class TargetTest {
    private static final int LONGEST_ID = 1024;

    @Property
    void anIdComesOutAsItWentIn(@ForAll("ids") String id) {
        Target target = parse("/firehose/" + escaped(id) + "?a=b");
        assertThat(target).isEqualTo(new Target(Endpoint.FIREHOSE, id, "", "a=b"));
    }

    @Property
    void aRedirectLeadsToAPathThatIsNotRedirected(@ForAll("targets") String target) {
        Target first = parse(target);
        if (first.endpoint() == Endpoint.ELSEWHERE) {
            assertThat(first.location()).startsWith("/").doesNotStartWith("//").matches("[!-~]+");
            assertThat(parse(first.location()).endpoint()).isNotEqualTo(Endpoint.ELSEWHERE);
        }
    }

    @Property
    void aTolerantTargetMeansTheSame(@ForAll("targets") String target) {
        Target tolerant = parse(PercentCoding.tolerant(target));
        assertThat(tolerant.endpoint()).isEqualTo(parse(target).endpoint());
        assertThat(tolerant.id()).isEqualTo(parse(target).id());
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(300)
                .filter(id -> id.indexOf('/') < 0 && !id.equals(".") && !id.equals(".."))
                .filter(id -> StandardCharsets.UTF_8.newEncoder().canEncode(id))
                .filter(id -> id.getBytes(StandardCharsets.UTF_8).length <= LONGEST_ID);
    }

    @Provide
    Arbitrary<String> targets() {
        Arbitrary<String> piece = Arbitraries.of(
                "/",
                "//",
                ".",
                "..",
                "firehose",
                "apps",
                "stream",
                "set-cookie",
                "a",
                "%2F",
                "%2e",
                "%",
                "%FF",
                "%C3%BC",
                "?",
                "#",
                ";",
                "%0D%0A",
                "%20",
                "|",
                "\u00FF",
                "\u0001");
        return piece.list().ofMaxSize(12).map(pieces -> "/" + String.join("", pieces));
    }

    private static String escaped(String id) {
        StringBuilder escaped = new StringBuilder();
        for (byte b : id.getBytes(StandardCharsets.UTF_8)) {
            escaped.append(String.format("%%%02x", b & 255));
        }
        return escaped.toString();
    }

    private static Target parse(String target) {
        return Target.parse(target, LONGEST_ID);
    }
}
