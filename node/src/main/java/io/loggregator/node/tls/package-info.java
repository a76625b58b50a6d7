/**
 * TLS between nodes and at the edge: certificates and keys read from PEM files, checked, followed when the files change,
 * and turned into what Netty and Vert.x want, with one policy for protocols, cipher suites and names of peers; an account
 * of the handshakes that were refused; and a small certificate authority for test clusters.
 */
package io.loggregator.node.tls;
