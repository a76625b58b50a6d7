/**
 * From the links to the clients: batches are rendered once and written to every client they are for. A client that is
 * slow costs no one else anything: a firehose member's deliveries wait for it, up to the window that its Doppler keeps
 * to; an app tail falls behind in a log. What is lost is told to the client in its own stream.
 *
 * <p>One {@link io.loggregator.trafficcontroller.fanout.FanOut} per event loop; everything in it belongs to that loop.
 */
package io.loggregator.trafficcontroller.fanout;
