/**
 * The WebSocket subprotocol {@code loggregator.stream.v2}: v2 batches for clients that say what they can take and
 * acknowledge what they have. Its clients are readers of {@code subscription}; everything here belongs to one event loop.
 */
package io.loggregator.trafficcontroller.streamv2;
