/**
 * Targets of the fuzzer, one for each kind of bytes that come from outside: each takes any bytes and fails if the code
 * under it throws what it must not, reads what it must not, or answers otherwise than a second reader of the same format.
 * Those whose subject is package-private stand in its package.
 */
package io.loggregator.fuzzing;
