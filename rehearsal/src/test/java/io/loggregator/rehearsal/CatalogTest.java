package io.loggregator.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CatalogTest {
    @Test
    void theShortFormHasEachFaultOnce() {
        assertThat(Catalog.of(true)).extracting(Rehearsal::fault).doesNotHaveDuplicates();
    }

    @Test
    void theLongFormHasEveryFaultOfTheShortOneAndMoreOfIt() {
        assertThat(Catalog.of(false)).hasSizeGreaterThan(Catalog.of(true).size());
        assertThat(Catalog.of(false)).extracting(Rehearsal::fault).containsAll(Catalog.faults());
    }

    @Test
    void aFaultOfTheLongFormOnlyHasANameToo() {
        assertThat(Catalog.faults()).contains("large-crowd").doesNotHaveDuplicates();
    }

    @Test
    void noTwoAreToldAlike() {
        assertThat(Catalog.of(false)).extracting(Rehearsal::title).doesNotHaveDuplicates();
    }
}
