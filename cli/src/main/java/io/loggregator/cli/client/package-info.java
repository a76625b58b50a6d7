/**
 * A client of the Traffic Controller's v1 endpoints: follows a WebSocket stream through reconnects, in v1 or in {@code
 * loggregator.stream.v2}, and fetches the recent logs of an app. Speaks only the public protocol, so it works against any generation of the server.
 */
package io.loggregator.cli.client;
