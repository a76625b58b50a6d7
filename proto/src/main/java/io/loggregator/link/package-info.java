/**
 * The messages of the link between a Doppler and a Traffic Controller as bytes: {@link io.loggregator.link.LinkFrame}
 * puts a header before batch bytes and takes both apart again. The messages themselves are generated, in {@code
 * io.loggregator.link.v1}.
 */
package io.loggregator.link;
