package io.loggregator.cli.output;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Text that is shown again and again: on a terminal each time in the place of the last, else one after the other. */
public final class Page {
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final String TOP = "\u001b[H";
    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final OutputStream out;
    private final boolean inPlace;
    private boolean shown;

    /** @param inPlace whether {@code out} is a terminal that understands ANSI sequences, and shows nothing else */
    public Page(OutputStream out, boolean inPlace) {
        this.out = out;
        this.inPlace = inPlace;
    }

    /** Shows a text, of whole lines. */
    public void show(String text) throws OutputClosed {
        String before = inPlace ? (shown ? TOP : CLEAR) : (shown ? "\n" : "");
        String lines = inPlace ? text.replace("\n", CLEAR_TO_END_OF_LINE + "\n") + CLEAR_BELOW : text;
        write(before + lines);
        shown = true;
    }

    /** Writes lines for programs. */
    public void write(String text) throws OutputClosed {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException gone) {
            throw new OutputClosed(gone);
        }
    }
}
