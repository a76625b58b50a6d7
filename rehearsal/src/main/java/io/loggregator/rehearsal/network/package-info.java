/** What goes wrong with packets, in a network of the rehearsal's own: by the kernel's packet filter and its queues. */
package io.loggregator.rehearsal.network;
