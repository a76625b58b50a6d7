/**
 * The link's server side: Traffic Controllers connect over WebSocket, say what their clients want, and get it from all
 * lanes. docs/link.md has the protocol.
 */
package io.loggregator.doppler.link;
