package io.loggregator.trafficcontroller.subscription;

import io.netty.buffer.ByteBuf;

/**
 * Envelopes that are delivered together.
 *
 * @param mark numbers what one reader is handed, from 1 without holes; goes back in {@link Reading#confirm}
 * @param envelopes how many, in the reader's form; several that v1 makes of one count as one; 0 if all were held back
 * @param bytes in the reader's form, shared with others; whoever is handed the piece owns one reference
 * @param heldBack how many envelopes the reader's refinement has left out of it
 */
public record Piece(long mark, int envelopes, ByteBuf bytes, int heldBack) {}
