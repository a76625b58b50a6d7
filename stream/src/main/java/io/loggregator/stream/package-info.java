/** What is shared by the parts of the stream: counters that one loop writes and any thread reads. */
package io.loggregator.stream;
