/**
 * The log that batches go into and readers read from: bounded in bytes, oldest out first, and for those who
 * are late the noisiest sources before that. A position is the number of
 * batch bytes appended before it, so two positions subtract to a size and a position never comes back. Appending and
 * reading belong to one event loop.
 */
package io.loggregator.stream.log;
