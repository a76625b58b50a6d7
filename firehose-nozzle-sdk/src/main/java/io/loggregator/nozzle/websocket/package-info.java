/**
 * What streams come by, for a client that reads a lot and says little: WebSockets (RFC 6455), and server-sent events over
 * HTTP/1.1. One thread reads, any may write, and messages are read from the socket into memory that is used again.
 */
package io.loggregator.nozzle.websocket;
