/**
 * v2 envelopes as v1 ("dropsonde") envelopes, from bytes to bytes. {@link io.loggregator.wire.v1.V1Renderer} writes
 * the v1 form of a v2 envelope to a {@link io.loggregator.wire.v1.V1Output}, following the conversion of the Go
 * release, except that a v1 envelope that some client cannot read never comes out.
 */
package io.loggregator.wire.v1;
