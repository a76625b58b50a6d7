/**
 * The bytes of a {@code loggregator.v2.EnvelopeBatch}, read where they lie. {@link io.loggregator.wire.BatchCursor}
 * walks the envelopes of a batch and tells what routing needs; {@link
 * io.loggregator.wire.V2Envelope} tells all that one envelope says; {@link io.loggregator.wire.BatchSplitter} cuts batches
 * at envelope borders; {@link io.loggregator.wire.ProtoBytes} holds the protobuf encoding rules that everything here
 * and in {@code io.loggregator.wire.v1} reads by. Nothing in here makes an object per envelope.
 */
package io.loggregator.wire;
