package io.loggregator.trafficcontroller.edge;

import java.util.Iterator;

/**
 * What is known of an app's recent past.
 *
 * @param envelopes marshalled v1 envelopes, made one by one as they are taken
 * @param over to be run once, when nothing of it waits to be sent any more: until then its memory counts
 */
public record RecentPast(Iterator<byte[]> envelopes, Runnable over) {}
