/**
 * TLS between nodes and at the edge: certificates and keys read from PEM files and checked at start, turned into what
 * Netty and Vert.x want, with one policy for protocols, cipher suites and server names; and a small certificate
 * authority for test clusters.
 */
package io.loggregator.node.tls;
