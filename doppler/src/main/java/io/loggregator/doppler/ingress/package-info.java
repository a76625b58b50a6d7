/** gRPC ingress: {@code loggregator.v2.Ingress}, its messages taken as bytes, on the event loops of the lanes. */
package io.loggregator.doppler.ingress;
