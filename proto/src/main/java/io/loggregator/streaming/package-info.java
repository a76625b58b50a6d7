/**
 * The messages of the WebSocket subprotocol {@code loggregator.stream.v2} as bytes. The messages themselves are generated,
 * in {@code io.loggregator.streaming.v2}.
 */
package io.loggregator.streaming;
