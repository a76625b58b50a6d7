/**
 * The filters that a reader adds to its request, such as {@code grep}: read from the query, checked against what they may
 * cost, and then decided envelope by envelope where the envelopes lie. An instance belongs to one event loop.
 */
package io.loggregator.trafficcontroller.refinement;
