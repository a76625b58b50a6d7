/**
 * The Loggregator port: the HTTP and WebSocket endpoints of the v1 protocol. It decides what a request asks for, who may
 * ask, and what a wrong request is answered; what flows afterwards belongs to the {@link
 * io.loggregator.trafficcontroller.edge.Pipeline} behind it. Every answer stands in {@code docs/protocols.md}, and the
 * tests run that table.
 */
package io.loggregator.trafficcontroller.edge;
