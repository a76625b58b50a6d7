package io.loggregator.fuzzing;

import io.loggregator.link.LinkFrame;

/** Messages of the link between Dopplers and Traffic Controllers, either way. */
public final class LinkTarget {
    private LinkTarget() {}

    /** Takes any bytes. */
    public static void fuzzerTestOneInput(byte[] data) throws Exception {
        Messages.unlessRefused(() -> LinkFrame.toDoppler(data));
        Messages.unlessRefused(() -> LinkFrame.toTrafficController(data));
        Integer headerEnd = Messages.unlessRefused(() -> LinkFrame.headerEnd(data));
        Claim.that(headerEnd == null || (headerEnd >= 0 && headerEnd <= data.length), "a header in the message");
    }
}
