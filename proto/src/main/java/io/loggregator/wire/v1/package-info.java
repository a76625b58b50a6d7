/**
 * v2 envelopes as v1 ("dropsonde") envelopes and back, from bytes to bytes. {@link
 * io.loggregator.wire.v1.V1Renderer} writes the v1 form of a v2 envelope to a {@link io.loggregator.wire.v1.V1Output};
 * {@link io.loggregator.wire.v1.V1ToV2} goes the other way. Both follow the conversion of the Go release, except that
 * a v1 envelope that some client cannot read never comes out.
 */
package io.loggregator.wire.v1;
