package io.loggregator.nozzle;

/**
 * What a nozzle has done since it was built.
 *
 * @param envelopes envelopes handed to the handler, also those that came again
 * @param bytes their bytes, as batches
 * @param batches batches handed to the handler
 * @param handled batches whose stage completed, and that are acknowledged
 * @param failedBatches batches whose stage failed, or that the handler threw an exception for
 * @param gaps gaps that were told
 * @param lost envelopes that they were about, as far as it is known how many
 * @param malformed messages of the first protocol that were left out because they hold no envelope
 * @param streams streams that were opened
 * @param reconnects those of them that a connection opened after its first
 * @param failures attempts and streams that ended for another reason than the nozzle's own stop
 * @param bufferedBytes bytes that have come and wait to be handed out
 */
public record Statistics(
        long envelopes,
        long bytes,
        long batches,
        long handled,
        long failedBatches,
        long gaps,
        long lost,
        long malformed,
        long streams,
        long reconnects,
        long failures,
        long bufferedBytes) {}
