/** The subscription table: from the bytes of a source id, as they lie in a batch, to who follows that source. */
package io.loggregator.stream.table;
