/**
 * A Traffic Controller: {@link io.loggregator.trafficcontroller.TrafficController#start} is the one place where its
 * parts are built, started in order and stopped in the reverse order.
 */
package io.loggregator.trafficcontroller;
