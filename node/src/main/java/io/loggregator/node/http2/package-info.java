/** What HTTP/2 lets one connection do, whoever serves on it, and where that bites. */
package io.loggregator.node.http2;
