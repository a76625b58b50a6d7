package io.loggregator.rehearsal;

import io.loggregator.rehearsal.account.Account;
import java.util.List;

/**
 * What came of a rehearsal.
 *
 * @param accounts one for each reader; none if it failed
 * @param seconds how long it took
 * @param failureOrNull why there is no sum, for people
 */
record Finding(Rehearsal rehearsal, List<Account> accounts, double seconds, String failureOrNull) {
    /** Whether every reader's account sums. */
    boolean sums() {
        return failureOrNull == null && accounts.stream().allMatch(Account::sums);
    }
}
