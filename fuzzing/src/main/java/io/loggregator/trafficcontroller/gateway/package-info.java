/** Targets of the fuzzer for what is package-private here. */
package io.loggregator.trafficcontroller.gateway;
