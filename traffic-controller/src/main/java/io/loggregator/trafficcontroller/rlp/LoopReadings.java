package io.loggregator.trafficcontroller.rlp;

import io.loggregator.trafficcontroller.subscription.Readings;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;

/**
 * What one event loop's calls read from.
 *
 * @param context of that loop
 */
public record LoopReadings(EventLoop loop, Context context, Readings readings) {}
