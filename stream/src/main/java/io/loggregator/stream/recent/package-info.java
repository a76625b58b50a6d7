/**
 * What a Doppler remembers of the recent past: the newest log envelopes of every source and the newest container metric
 * of every app instance, all inside one memory budget that is met at every moment. No sockets, no threads, no clock:
 * one event loop owns an instance and passes the time in.
 */
package io.loggregator.stream.recent;
