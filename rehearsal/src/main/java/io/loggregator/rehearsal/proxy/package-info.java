/** A TCP proxy that behaves as a bad network does: slow, narrow, one-way, silent or cut, and well again when it is told so. */
package io.loggregator.rehearsal.proxy;
