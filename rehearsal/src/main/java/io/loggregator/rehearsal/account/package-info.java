/** The sum of a rehearsal: what was sent, what each reader got, what it was told that it did not get, and what may be open. */
package io.loggregator.rehearsal.account;
