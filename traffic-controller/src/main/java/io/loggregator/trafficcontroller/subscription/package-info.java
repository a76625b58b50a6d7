/**
 * What stands between the endpoints that clients talk to and the fan-out behind them: what a client asks for, how what
 * comes is handed to it, and how it tells what it has. Everything is called on one event loop.
 */
package io.loggregator.trafficcontroller.subscription;
