package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.List;

/** A lane, and a client with a group of its own that gets its envelopes one by one. */
abstract class AloneFixture extends LaneFixture {
    static final GroupKey KEY = new GroupKey("v2", "a name that nobody guesses", Selection.ALL);

    /** Log positions before each envelope, and after the last. */
    final List<Long> positions = new ArrayList<>(List.of(0L));

    /** Takes in envelopes one by one, numbered on. */
    void accept(int count) {
        for (int i = 0; i < count; i++) {
            pumpEach(1, 100);
            positions.add(memory.head());
        }
    }

    /** Has everything up to the envelope of that number, which it was not told. */
    Resume before(int number) {
        return new Resume(positions.get(number), number);
    }

    Member come(long id, Resume resume) {
        return lane.join(port, id, Joining.alone(KEY, WIDE, NOTHING_OLD).resuming(resume));
    }

    List<Long> comes() {
        while (lane.pump()) {}
        return numbers();
    }

    void forget(Member member) {
        lane.leave(member, now);
        lane.expire(now + GRACE);
        assertThat(lane.groups()).isZero();
    }

    static Joining again(Resume resume, long left) {
        return Joining.alone(KEY, WIDE, NOTHING_OLD).resuming(resume).again(left);
    }
}
