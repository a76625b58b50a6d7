package io.loggregator.stream.dispatch;

import io.loggregator.stream.dispatch.Envelopes.Seen;
import io.loggregator.stream.selection.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A link that notes everything it is sent, in order, and is writable as the test says. */
final class RecordingOutlet implements Outlet {
    sealed interface Message {}

    /** @param deliveries sequence numbers by member */
    record Batch(long end, List<Seen> envelopes, Map<Long, Long> deliveries, boolean tails) implements Message {
        List<Long> numbers() {
            return envelopes.stream().map(Seen::number).toList();
        }
    }

    /** @param share what of the batch is for the member */
    record Handed(long member, Share share, List<Long> numbers) {}

    record MemberGap(long member, long sequence, Gap gap) implements Message {}

    record TailGap(String source, Gap gap) implements Message {}

    record MemberLag(long member, Lag lag) {}

    private final List<Long> moved = new ArrayList<>();
    private List<MemberLag> lags = new ArrayList<>();
    private final List<Integer> messagesBefore = new ArrayList<>();
    private List<Message> messages = new ArrayList<>();
    private List<Handed> handed = new ArrayList<>();
    private int room = Integer.MAX_VALUE;

    /** From now on the link takes so many more messages. */
    void room(int more) {
        room = more;
    }

    void block() {
        room(0);
    }

    void unblock() {
        room(Integer.MAX_VALUE);
    }

    /** What came since the last call. */
    List<Message> take() {
        List<Message> taken = messages;
        messages = new ArrayList<>();
        return taken;
    }

    /** The batches that came since the last call. */
    List<Batch> batches() {
        return take().stream()
                .filter(Batch.class::isInstance)
                .map(Batch.class::cast)
                .toList();
    }

    /** What members were told of their lag since the last call. */
    List<MemberLag> lags() {
        List<MemberLag> taken = lags;
        lags = new ArrayList<>();
        return taken;
    }

    /** The members that were told that their clients read elsewhere. */
    List<Long> moved() {
        return List.copyOf(moved);
    }

    /** How many other messages had come since {@link #take} when each of them was told. */
    List<Integer> messagesBeforeLags() {
        return List.copyOf(messagesBefore);
    }

    /** What was handed to members since the last call, in order: of each batch what is in the member's share. */
    List<Handed> handed() {
        List<Handed> taken = handed;
        handed = new ArrayList<>();
        return taken;
    }

    @Override
    public boolean writable() {
        return room > 0;
    }

    @Override
    public void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tails) {
        Map<Long, Long> sequences = new LinkedHashMap<>();
        for (int i = 0; i < deliveries.size(); i++) {
            if (sequences.put(deliveries.member(i), deliveries.sequence(i)) != null) {
                throw new AssertionError("one batch twice for one member");
            }
            Share share = deliveries.share(i);
            handed.add(new Handed(deliveries.member(i), share, Envelopes.numbers(bytes, from, to, share)));
        }
        note(new Batch(end, Envelopes.read(bytes, from, to), sequences, tails));
    }

    @Override
    public void gap(long member, long sequence, Gap gap, long end) {
        note(new MemberGap(member, sequence, gap));
    }

    @Override
    public boolean lag(long member, Lag lag) {
        messagesBefore.add(messages.size());
        lags.add(new MemberLag(member, lag));
        return true;
    }

    @Override
    public void moved(long member) {
        moved.add(member);
    }

    @Override
    public void gap(String source, Gap gap) {
        note(new TailGap(source, gap));
    }

    private void note(Message message) {
        room -= room == Integer.MAX_VALUE ? 0 : 1;
        messages.add(message);
    }
}
