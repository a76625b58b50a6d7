package io.loggregator.trafficcontroller.fanout;

import io.netty.buffer.ByteBuf;

/**
 * The part of a batch that readers who choose alike get, in one form; made once and shared by them.
 *
 * @param bytes whoever keeps them retains them
 * @param envelopes how many, in that form
 * @param selected how many deliveries of envelopes the selection takes, as a Doppler counts; 0 for frames of v1, which
 *     are not counted so
 * @param heldBack how many of them the refinement leaves out
 * @param unrendered how many the form has no room for
 */
record Cut(ByteBuf bytes, int envelopes, int selected, int heldBack, int unrendered) {}
