/**
 * The gRPC services of the wire: stubs generated from {@code proto}'s files, for clients and tests, and descriptors of
 * the same methods whose messages are plain bytes, for servers that do not want objects.
 */
package io.loggregator.rpc;
