/** Load for a Doppler's UDP port: signed datagrams at a rate, many with one system call. */
package io.loggregator.benchmarks.udp;
