package io.loggregator.doppler.link;

import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.ReadUpTo;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.Joining;
import io.loggregator.stream.dispatch.Resume;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.stream.selection.SelectorMessages;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress;

/** What a Traffic Controller's {@code join} means, and which ones are refused. */
final class JoinMessages {
    /** More selectors are not taken. */
    static final int MOST_SELECTORS = 1_000;

    /** What the selectors of one join may take, encoded. */
    static final int LARGEST_SELECTORS = 64 * 1024;

    private JoinMessages() {}

    /** Why a join is refused; empty if it is not. */
    static Optional<String> objection(Join join) {
        if (join.getSelectorsCount() > MOST_SELECTORS) {
            return Optional.of("a join with more than " + MOST_SELECTORS + " selectors");
        }
        int bytes = 0;
        for (LoggregatorEgress.Selector selector : join.getSelectorsList()) {
            if (selector.getMessageCase() == LoggregatorEgress.Selector.MessageCase.MESSAGE_NOT_SET) {
                return Optional.of("a join with a selector of no kind");
            }
            bytes += selector.getSerializedSize();
        }
        return bytes > LARGEST_SELECTORS
                ? Optional.of("a join with more than " + LARGEST_SELECTORS + " bytes of selectors")
                : Optional.empty();
    }

    /** The group that is joined. */
    static GroupKey key(Join join) {
        return new GroupKey(join.getProtocol(), join.getSubscription(), selection(join), join.getRefinement());
    }

    private static Selection selection(Join join) {
        if (join.getSelectorsCount() > 0) {
            List<Selector> selectors = new ArrayList<>();
            join.getSelectorsList()
                    .forEach(message -> SelectorMessages.read(message).ifPresent(selectors::add));
            return Selection.of(selectors, !join.getAlone());
        }
        return switch (join.getFilter()) {
            case LOGS -> Selection.LOGS;
            case METRICS -> Selection.METRICS;
            default -> Selection.ALL;
        };
    }

    /**
     * How the group is joined in one lane.
     *
     * @param key {@link #key}, made once for all lanes
     */
    static Joining joining(Join join, GroupKey key, int lane) {
        return new Joining(
                key,
                join.getWindowBytes(),
                ago(join.getAgeMillis()),
                ago(join.getNeededMillis()),
                join.getDeterministicName(),
                join.getAlone(),
                resume(join, lane),
                ago(join.getAwayMillis()),
                SteadyClock.millis() - join.getReadingMillis());
    }

    /** When that was; never, if it is 0. */
    private static long ago(long millis) {
        return millis > 0 ? SteadyClock.millis() - millis : Long.MAX_VALUE;
    }

    private static Resume resume(Join join, int lane) {
        for (ReadUpTo position : join.getResumeList()) {
            if (position.getLane() == lane) {
                return new Resume(position.getPosition(), position.getCount());
            }
        }
        return join.getResumeComplete() ? Resume.NOTHING : null;
    }
}
