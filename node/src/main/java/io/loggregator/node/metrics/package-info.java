/**
 * The metrics that a server exposes about itself, in the Prometheus text format. A metric is declared once, with its
 * help text, and the same declaration documents it.
 */
package io.loggregator.node.metrics;
