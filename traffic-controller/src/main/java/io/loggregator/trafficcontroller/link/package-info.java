/**
 * The link's client side: finds Dopplers, dials each of them and redials, and hands what they send to one listener.
 * docs/link.md has the protocol.
 */
package io.loggregator.trafficcontroller.link;
