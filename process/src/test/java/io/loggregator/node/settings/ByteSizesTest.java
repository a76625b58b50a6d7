package io.loggregator.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "67108864, 67108864",
        "1B, 1",
        "64MiB, 67108864",
        "64M, 67108864",
        "64m, 67108864",
        "64mib, 67108864",
        "64MB, 64000000",
        "1kB, 1000",
        "1K, 1024",
        "2G, 2147483648",
        "1T, 1099511627776",
        "9223372036854775807, 9223372036854775807"
    })
    void unitsAreBinaryUnlessWrittenWithABareB(String text, long bytes) {
        assertThat(ByteSizes.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "M",
                "-1",
                "+1",
                "1.5M",
                "1 M",
                "1iB",
                "1Mi",
                "1P",
                "1MBB",
                "0x10",
                "9223372036854775808",
                "8388608T",
                "99999999999999999999"
            })
    void otherTextsAreRefused(String text) {
        assertThatThrownBy(() -> ByteSizes.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void whatIsShownReadsBackAsTheSame(@ForAll @LongRange(min = 0) long size) {
        assertThat(ByteSizes.parse(ByteSizes.format(size))).isEqualTo(size);
    }

    @Property
    void whatIsShownUsesTheLargestUnitThatDivides(@ForAll @LongRange(min = 1, max = 1023) long mebibytes) {
        assertThat(ByteSizes.format(mebibytes << 20)).isEqualTo(mebibytes + "MiB");
    }

    @Property
    void aNumberFollowedByAnythingThatIsNoUnitIsRefused(
            @ForAll @LongRange(min = 0) long number, @ForAll @AlphaChars @StringLength(min = 4, max = 8) String unit) {
        assertThatThrownBy(() -> ByteSizes.parse(number + unit)).isInstanceOf(IllegalArgumentException.class);
    }
}
