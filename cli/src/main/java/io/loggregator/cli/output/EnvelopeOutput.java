package io.loggregator.cli.output;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.cli.client.Follower;
import io.loggregator.wire.v1.V1Renderer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;

/**
 * Prints envelopes: gathers them while they come fast, and hands on what it has as soon as they pause. Used by one
 * thread.
 */
public final class EnvelopeOutput implements Follower.Sink {
    /** Larger than any v2 envelope that a server accepts would become. */
    private static final int LARGEST_BYTES = 16 << 20;

    private final OutputStream out;
    private final EnvelopeFormat format;
    private final Predicate<Envelope> wanted;
    private final long limit;
    private final Consumer<String> notices;
    private final V1Renderer renderer = new V1Renderer(LARGEST_BYTES);
    private final RenderedEnvelopes rendered = new RenderedEnvelopes();
    private long written;
    private boolean saidUndecodable;

    /**
     * Prints the first {@code limit} envelopes that are {@code wanted}. {@code notices} hears once if there are messages
     * that are no envelopes.
     */
    public EnvelopeOutput(
            OutputStream out, EnvelopeFormat format, Predicate<Envelope> wanted, long limit, Consumer<String> notices) {
        this.out = new BufferedOutputStream(out, 1 << 16);
        this.format = format;
        this.wanted = wanted;
        this.limit = limit;
        this.notices = notices;
    }

    @Override
    public boolean envelope(byte[] bytes) throws OutputClosed {
        Envelope envelope;
        try {
            envelope = Envelope.parseFrom(bytes);
        } catch (InvalidProtocolBufferException notV1) {
            sayUndecodable("v1");
            return true;
        }
        return envelope(envelope);
    }

    @Override
    public boolean envelopeV2(byte[] bytes) throws OutputClosed {
        rendered.clear();
        renderer.render(bytes, 0, bytes.length, rendered);
        boolean more = written < limit;
        for (int i = 0; i < rendered.envelopes().size() && more; i++) {
            more = envelope(rendered.envelopes().get(i));
        }
        return rendered.envelopes().isEmpty() ? unexpressible(bytes) : more;
    }

    /** Prints what v1 has no form for. */
    private boolean unexpressible(byte[] bytes) throws OutputClosed {
        LoggregatorEnvelope.Envelope envelope;
        try {
            envelope = LoggregatorEnvelope.Envelope.parseFrom(bytes);
        } catch (InvalidProtocolBufferException notV2) {
            sayUndecodable("v2");
            return true;
        }
        // Certainly no log: v1 can express those.
        if (wanted.test(Envelope.getDefaultInstance())) {
            try {
                format.write(envelope, out);
            } catch (IOException closed) {
                throw new OutputClosed(closed);
            }
            written++;
        }
        return written < limit;
    }

    private void sayUndecodable(String protocol) {
        if (!saidUndecodable) {
            saidUndecodable = true;
            notices.accept(
                    "skipped a message that is no " + protocol + " envelope; further ones are skipped without a word");
        }
    }

    /** As {@link #envelope(byte[])}, for one that is decoded already. */
    public boolean envelope(Envelope envelope) throws OutputClosed {
        if (wanted.test(envelope)) {
            try {
                format.write(envelope, out);
            } catch (IOException closed) {
                throw new OutputClosed(closed);
            }
            written++;
        }
        return written < limit;
    }

    @Override
    public void idle() throws OutputClosed {
        try {
            out.flush();
        } catch (IOException closed) {
            throw new OutputClosed(closed);
        }
    }
}
