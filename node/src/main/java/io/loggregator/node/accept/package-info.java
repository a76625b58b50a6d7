/** How listeners take connections inside Vert.x, and how many of a client. */
package io.loggregator.node.accept;
