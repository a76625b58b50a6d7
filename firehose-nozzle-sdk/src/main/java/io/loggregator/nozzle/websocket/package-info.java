/**
 * WebSockets (RFC 6455) for a client that reads a lot and says little: one thread reads, any may write, and messages are
 * read from the socket into memory that is used again.
 */
package io.loggregator.nozzle.websocket;
