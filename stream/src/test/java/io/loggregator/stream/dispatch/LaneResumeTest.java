package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.selection.Selection;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A client with a group of its own comes back and says exactly where it is. */
class LaneResumeTest extends AloneFixture {
    /** Sums both sides. */
    private void adds(long accepted, long delivered, long dropped) {
        GroupLedger ledger = ledger(KEY);
        assertThat(List.of(ledger.accepted(), ledger.delivered(), ledger.dropped()))
                .containsExactly(accepted, delivered, dropped);
        assertThat(lane.pending(KEY)).isEqualTo(accepted - delivered - dropped);
    }

    // ---- within the grace period -------------------------------------------------------------------------------

    @Test
    void whatTheClientHasButDidNotConfirmDoesNotComeAgain() {
        Member first = come(1, null);
        accept(5);
        lane.confirm(first, 1);
        outlet.take();
        lane.leave(first, now);
        come(2, before(3));
        assertThat(comes()).containsExactly(3L, 4L);
        adds(5, 3, 0);
        assertThat(ledger(KEY).redelivered()).isEqualTo(2);
    }

    @Test
    void whatTheClientConfirmedButDoesNotHaveComesAgain() {
        Member first = come(1, null);
        accept(5);
        lane.confirm(first, 5);
        outlet.take();
        lane.leave(first, now);
        come(2, before(2));
        assertThat(comes()).containsExactly(2L, 3L, 4L);
        adds(8, 5, 0);
        assertThat(ledger(KEY).redelivered()).isEqualTo(3);
    }

    @Test
    void aClientThatSaysNothingGetsWhatItDidNotConfirmInOrder() {
        Member first = come(1, null);
        accept(3);
        lane.confirm(first, 1);
        outlet.take();
        lane.leave(first, now);
        accept(2);
        come(2, null);
        assertThat(comes()).containsExactly(1L, 2L, 3L, 4L);
        adds(5, 1, 0);
    }

    @Test
    void whatCameMeanwhileFollows() {
        Member first = come(1, null);
        accept(2);
        lane.leave(first, now);
        outlet.take();
        accept(2);
        come(2, before(2));
        accept(1);
        assertThat(comes()).containsExactly(2L, 3L, 4L);
        adds(5, 2, 0);
    }

    @Test
    void whatTheLogNoLongerHoldsIsToldExactly() {
        Member first = come(1, null);
        accept(3);
        lane.confirm(first, 3);
        lane.leave(first, now);
        outlet.take();
        accept(400);
        come(2, before(2));
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        MemberGap told = (MemberGap) messages.get(0);
        assertThat(told.gap().reason()).isEqualTo(Gap.LAPPED);
        List<Long> rest = numbers(messages.subList(1, messages.size()));
        assertThat(rest.get(0)).isEqualTo(2 + told.gap().count());
        assertThat(rest).isEqualTo(LongStream.range(rest.get(0), 403).boxed().toList());
        // The third was delivered once, and is now lost to the client that does not have it.
        adds(404, 3, told.gap().count());
    }

    @Test
    void aLossThatTheClientWasNotToldOfIsTold() {
        come(1, null);
        accept(5);
        outlet.take();
        come(2, new Resume(positions.get(4), 1));
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        assertThat(((MemberGap) messages.get(0)).gap().count()).isEqualTo(3);
        assertThat(numbers(messages.subList(1, messages.size()))).containsExactly(4L);
    }

    @Test
    void aClientThatCountsMoreThanThereWasIsToldOfNoLoss() {
        come(1, null);
        accept(3);
        outlet.take();
        come(2, new Resume(positions.get(1), 1_000));
        assertThat(comes()).containsExactly(1L, 2L);
        assertThat(ledger(KEY).dropped()).isZero();
    }

    @Test
    void aClientMayComeBackAgainAndAgain() {
        accept(1);
        come(1, null);
        accept(10);
        outlet.take();
        // It counts from where its group began.
        for (int has = 0; has <= 10; has += 2) {
            come(2 + has, new Resume(positions.get(1 + has), has));
            assertThat(comes())
                    .isEqualTo(LongStream.rangeClosed(1 + has, 10).boxed().toList());
        }
        come(20, new Resume(positions.get(1), 0));
        assertThat(comes()).hasSize(10);
        assertThat(ledger(KEY).dropped()).isZero();
    }

    @Test
    void whatWentToAConnectionThatWasDeadComesAgainToAClientThatHasNothingFromTheLane() {
        Member dead = come(1, Resume.NOTHING);
        accept(3);
        lane.confirm(dead, 2);
        outlet.take();
        come(2, Resume.NOTHING);
        assertThat(comes()).containsExactly(0L, 1L, 2L);
        adds(5, 2, 0);

        lane.leave(come(3, Resume.NOTHING), now);
        assertThat(comes()).isEmpty();
        come(4, Resume.NOTHING);
        assertThat(comes()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void whatTheLogNoLongerHoldsOfWhatWentToADeadConnectionIsTold() {
        Member dead = come(1, Resume.NOTHING);
        accept(3);
        lane.confirm(dead, 3);
        lane.leave(dead, now);
        accept(400);
        outlet.take();
        come(2, Resume.NOTHING);
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        Gap told = ((MemberGap) messages.get(0)).gap();
        List<Long> rest = numbers(messages.subList(1, messages.size()));
        assertThat(told.count() + rest.size()).isEqualTo(403);
        assertThat(told.count()).isEqualTo(rest.get(0));
    }

    @Test
    void whoHasAllThatThereWasForItStaysWhereTheGroupIs() {
        GroupKey metrics = new GroupKey("v2", "metrics", Selection.METRICS);
        Member first =
                lane.join(port, 1, Joining.alone(metrics, WIDE, NOTHING_OLD).resuming(Resume.NOTHING));
        accept(3);
        long stands = first.group().position();
        lane.leave(first, now);
        Member again =
                lane.join(port, 2, Joining.alone(metrics, WIDE, NOTHING_OLD).resuming(Resume.NOTHING));
        assertThat(again.group().position()).isEqualTo(stands).isPositive();
    }

    @Test
    void aLossThatOneWhoLeftWasToBeToldIsTold() {
        Member first = come(1, null);
        accept(1);
        long left = now;
        forget(first);
        outlet.take();
        outlet.block();
        Member second = lane.join(port, 2, again(null, left));
        lane.leave(second, now);
        outlet.unblock();
        come(3, null);
        while (lane.pump()) {}
        assertThat(outlet.take()).containsExactly(new MemberGap(3, 1, new Gap(0, 0, 0, Gap.LINK_DOWN)));
    }

    // ---- before the earlier connection is known to be gone -----------------------------------------------------

    @Test
    void aClientTakesItsGroupOverFromItsEarlierConnection() {
        RecordingOutlet broken = new RecordingOutlet();
        Port brokenPort = lane.open(broken, "broken", GRACE, IN_GRACE);
        Member earlier = lane.join(brokenPort, 1, Joining.alone(KEY, WIDE, NOTHING_OLD));
        accept(3);
        come(1, before(2));
        accept(1);
        assertThat(comes()).containsExactly(2L, 3L);
        assertThat(numbers(broken.take())).containsExactly(0L, 1L, 2L);
        assertThat(lane.groups()).isEqualTo(1);
        assertThat(brokenPort.members()).isEmpty();
        assertThat(broken.moved()).containsExactly(1L);
        assertThat(outlet.moved()).isEmpty();
        adds(4, 2, 0);

        // What still comes from there means nothing.
        lane.confirm(earlier, 3);
        lane.leave(earlier, now);
        lane.close(brokenPort, now);
        accept(1);
        assertThat(comes()).containsExactly(4L);
        adds(5, 2, 0);
    }

    @Test
    void aTakenOverGroupGoesBackToWhatWasNotConfirmedIfTheClientSaysNothing() {
        Member earlier = come(1, null);
        accept(3);
        lane.confirm(earlier, 1);
        outlet.take();
        come(2, null);
        assertThat(comes()).containsExactly(1L, 2L);
        adds(3, 1, 0);
    }

    // ---- after the group is forgotten --------------------------------------------------------------------------

    @Test
    void aForgottenGroupBeginsWhereTheClientIs() {
        Member first = come(1, null);
        accept(3);
        forget(first);
        accept(2);
        outlet.take();
        come(2, before(1));
        assertThat(comes()).containsExactly(1L, 2L, 3L, 4L);
        adds(4, 0, 0);
    }

    @Test
    void whereTheLogNoLongerReachesALossOfUnknownSizeIsTold() {
        Member first = come(1, null);
        accept(3);
        forget(first);
        accept(400);
        outlet.take();
        come(2, before(1));
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        MemberGap told = (MemberGap) messages.get(0);
        assertThat(told.gap()).isEqualTo(new Gap(0, 0, 0, Gap.LAPPED));
        List<Long> rest = numbers(messages.subList(1, messages.size()));
        assertThat(positions.get(Math.toIntExact(rest.get(0)))).isEqualTo(memory.tail());
        assertThat(rest).isEqualTo(LongStream.range(rest.get(0), 403).boxed().toList());
        adds(rest.size(), 0, 0);
    }

    // ---- what cannot be ----------------------------------------------------------------------------------------

    private List<Resume> impossible() {
        return List.of(
                new Resume(positions.get(1) + 1, 1),
                new Resume(memory.head() + 1, 1),
                new Resume(Long.MAX_VALUE, 1),
                new Resume(-1, 1),
                new Resume(Long.MIN_VALUE, 1),
                new Resume(positions.get(1), -1),
                new Resume(positions.get(1), Long.MIN_VALUE));
    }

    @Test
    void aPlaceThatCannotBeIsAsGoodAsNone() {
        Member first = come(1, null);
        accept(4);
        lane.confirm(first, 2);
        outlet.take();
        for (Resume resume : impossible()) {
            come(2, resume);
            assertThat(comes()).as("%s", resume).containsExactly(2L, 3L);
            adds(4, 2, 0);
        }
    }

    @Test
    void aNewGroupOfAClientInAnImpossiblePlaceBeginsWithWhatArrivesFromNowOn() {
        accept(4);
        for (Resume resume : impossible()) {
            Member member = come(1, resume);
            assertThat(comes()).as("%s", resume).isEmpty();
            adds(0, 0, 0);
            forget(member);
        }
    }

    // ---- groups that clients share -----------------------------------------------------------------------------

    @Test
    void aSharedGroupGoesOnWhereItStands() {
        GroupKey shared = key("x", Selection.ALL);
        Member first = join(1, shared);
        accept(3);
        lane.confirm(first, 2);
        outlet.take();
        lane.leave(first, now);
        lane.join(port, 2, Joining.shared(shared, WIDE, NOTHING_OLD).resuming(before(0)));
        assertThat(comes()).containsExactly(2L);
        lane.join(port, 3, Joining.shared(shared, WIDE, NOTHING_OLD).resuming(before(0)));
        assertThat(comes()).isEmpty();
        assertThat(ledger(shared).delivered()).isEqualTo(2);
    }

    @Test
    void ownAndSharedGroupsDoNotCompeteForBeingKept() {
        for (int i = 0; i < 3; i++) {
            lane.leave(join(i, key("shared-" + i, Selection.ALL)), now + i);
            GroupKey own = new GroupKey("v2", "own-" + i, Selection.ALL);
            lane.leave(lane.join(port, 10 + i, Joining.alone(own, WIDE, NOTHING_OLD)), now + i);
        }
        assertThat(lane.standings())
                .extracting(standing -> standing.key().subscription())
                .containsExactlyInAnyOrder("shared-1", "shared-2", "own-1", "own-2");
    }

    @Test
    void whatClientsOwnGroupsCountedIsKeptByProtocolWhenTheyAreForgotten() {
        Member first = come(1, null);
        accept(3);
        lane.confirm(first, 2);
        forget(first);
        assertThat(lane.gone()).containsOnlyKeys("v2");
        assertThat(lane.gone().get("v2").accepted()).isEqualTo(3);
        assertThat(lane.gone().get("v2").delivered()).isEqualTo(2);
        assertThat(lane.gone().get("v2").abandoned()).isEqualTo(1);
        assertThat(lane.counters().abandoned()).isEqualTo(1);
    }

    // ---- losses of unknown size ---------------------------------------------------------------------------------

    @Test
    void aLossOfUnknownSizeThatADeadConnectionWasToldIsToldAgainToWhoComesFromBeforeIt() {
        Member first = come(1, null);
        accept(3);
        forget(first);
        accept(400);
        Member dead = come(2, before(1));
        while (lane.pump()) {}
        lane.confirm(dead, Long.MAX_VALUE);
        outlet.take();
        Member again = come(3, before(1));
        while (lane.pump()) {}
        assertThat(outlet.take()).first().isEqualTo(new MemberGap(3, 1, new Gap(0, 0, 0, Gap.LAPPED)));

        long heard = again.group().position();
        lane.confirm(again, Long.MAX_VALUE);
        come(4, new Resume(heard, 1 + ledger(KEY).delivered() / 2));
        while (lane.pump()) {}
        assertThat(outlet.take()).as("who has heard of it is not told again").isEmpty();
    }

    @Test
    void whatIsLostWithSomethingOfUnknownSizeIsNotToldAgainWithANumber() {
        Member first = come(1, null);
        accept(3);
        forget(first);
        accept(400);
        outlet.take();
        outlet.block();
        Member second = come(2, before(1));
        accept(400);
        outlet.unblock();
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        assertThat(((MemberGap) messages.get(0)).gap().unknown()).isTrue();
        lane.confirm(second, Long.MAX_VALUE);
        long has = 1L + numbers(messages.subList(1, messages.size())).size();
        long dropped = ledger(KEY).dropped();
        come(3, new Resume(second.group().position(), has));
        while (lane.pump()) {}
        assertThat(outlet.take()).isEmpty();
        assertThat(ledger(KEY).dropped()).isEqualTo(dropped);
    }
}
