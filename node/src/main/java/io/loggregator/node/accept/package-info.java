/** How listeners take connections, inside Vert.x. */
package io.loggregator.node.accept;
