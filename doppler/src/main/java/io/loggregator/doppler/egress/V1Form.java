package io.loggregator.doppler.egress;

import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LagNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Share;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One subscription to v1 envelopes at one lane. */
final class V1Form implements Form {
    private static final String PLATFORM = "system";

    private final V1Lane lane;
    private final Selection selection;
    private final String app;
    private final byte[] appBytes;
    private final int mostEnvelopes;

    /**
     * @param app whose envelopes are wanted, or empty for all
     * @param mostEnvelopes in one message
     */
    V1Form(V1Lane lane, Selection selection, String app, int mostEnvelopes) {
        this.lane = lane;
        this.selection = selection;
        this.app = app;
        this.appBytes = app.isEmpty() ? null : app.getBytes(StandardCharsets.UTF_8);
        this.mostEnvelopes = mostEnvelopes;
    }

    @Override
    public List<Message> messages(long end, byte[] bytes, int from, int to, Share share) {
        return selection.takesEverything() && mostEnvelopes == Message.MOST_ENVELOPES
                ? lane.everything(end, bytes, from, to)
                : lane.some(bytes, from, to, selection, appBytes, mostEnvelopes);
    }

    @Override
    public List<Message> notice(Gap gap, long total, String client) {
        return messages(Form.lossNotice(selection, source(), gap, total, client).v1());
    }

    @Override
    public List<Message> notice(Lag lag, long total, String client) {
        return messages(new LagNotice(selection, source(), lag, total, client).v1());
    }

    /** What notices are put under. */
    private String source() {
        return app.isEmpty() ? PLATFORM : app;
    }

    private List<Message> messages(List<byte[]> envelopes) {
        PayloadFrames frames = new PayloadFrames();
        envelopes.forEach(frames::append);
        List<Message> messages = new ArrayList<>();
        frames.cut(mostEnvelopes, messages);
        return messages;
    }
}
