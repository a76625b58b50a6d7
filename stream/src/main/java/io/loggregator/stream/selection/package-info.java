/** What a subscription wants of the stream, decided envelope by envelope on their bytes; the same in Doppler and Traffic Controller. */
package io.loggregator.stream.selection;
