package io.loggregator.rehearsal;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.rehearsal.nodes.Samples;
import io.loggregator.rehearsal.proxy.Direction;
import io.loggregator.rehearsal.proxy.FaultProxy;
import io.loggregator.rehearsal.traffic.Caller;
import io.loggregator.rehearsal.traffic.Caller.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * UAA and Cloud Controller take connections and answer nothing, then they answer late, then they are gone. Streams that are
 * open stay open, though they are checked again all the time; new clients get what is documented, in bounded time.
 *
 * @param callers new clients who come at a time, each for another app
 */
record AuthorityHangs(Duration silence, int callers) implements Rehearsal.Action {
    /** For a question, in the Traffic Controller. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** For all that is not the authority's. */
    private static final Duration SLACK = Duration.ofSeconds(8);

    private static final Duration LATE = Duration.ofMillis(100);
    /** No source of the load has so high a number. */
    private static final int FIRST_APP = 2_000_000;

    private static final int TAKEN = Caller.TAKEN;
    private static final int FIREHOSE_REFUSED = 401;
    private static final int APP_REFUSED = 500;

    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        stage.audience().goesOnThrough(() -> ask(stage));
        Samples samples = stage.nodes().ofTrafficController(Stage.VICTIM);
        if (samples.sum("access_answers_total", "outcome=\"unknown\"") == 0) {
            throw new IOException("access_answers_total tells nothing of an authority that could not be asked");
        }
    }

    private void ask(Stage stage) throws IOException, InterruptedException {
        FaultProxy way = stage.nodes().authority().way();
        try (Caller caller = stage.caller()) {
            expect(Calls.make(caller, callers), TAKEN, TAKEN, SLACK);
            way.hold(Direction.BACK);
            Calls unheard = Calls.make(caller, callers);
            stage.hold(silence);
            boolean given = silence.compareTo(PATIENCE) > 0;
            if (given) {
                expect(unheard, FIREHOSE_REFUSED, APP_REFUSED, PATIENCE.plus(SLACK));
            } else if (unheard.answered()) {
                throw new IOException("somebody was answered while the authority was silent");
            }
            way.heal();
            way.delay(Direction.BACK, LATE);
            if (!given) {
                expect(unheard, TAKEN, TAKEN, silence.plus(PATIENCE));
            }
            expect(Calls.make(caller, callers), TAKEN, TAKEN, PATIENCE);
            way.cut();
            expect(Calls.make(caller, callers), FIREHOSE_REFUSED, APP_REFUSED, SLACK);
            way.heal();
            expect(Calls.make(caller, callers), TAKEN, TAKEN, SLACK);
        } finally {
            way.heal();
        }
    }

    /** Clients who have come and wait for an answer. */
    private record Calls(CompletableFuture<Answer> firehose, List<CompletableFuture<Answer>> apps) {
        static Calls make(Caller caller, int count) {
            List<CompletableFuture<Answer>> apps = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                apps.add(caller.call("/apps/" + PreparedBatch.sourceId(FIRST_APP + i) + "/stream"));
            }
            return new Calls(caller.call("/firehose/caller"), apps);
        }

        boolean answered() {
            return firehose.isDone() || apps.stream().anyMatch(CompletableFuture::isDone);
        }
    }

    private static void expect(Calls calls, int ofFirehose, int ofApps, Duration limit)
            throws IOException, InterruptedException {
        expect(calls.firehose(), "a firehose", ofFirehose, limit);
        for (CompletableFuture<Answer> app : calls.apps()) {
            expect(app, "an app's stream", ofApps, limit);
        }
    }

    private static void expect(CompletableFuture<Answer> call, String what, int status, Duration limit)
            throws IOException, InterruptedException {
        try {
            Answer answer = call.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.status() != status || answer.after().compareTo(limit) > 0) {
                throw new IOException(
                        what + " was to be answered " + status + " within " + limit.toMillis() + " ms, and was "
                                + answer.status() + " after " + answer.after().toMillis() + " ms");
            }
        } catch (TimeoutException late) {
            throw new IOException(what + " got no answer within " + limit.toMillis() + " ms", late);
        } catch (ExecutionException broken) {
            throw new IOException(what + " got no answer: " + broken.getCause(), broken);
        }
    }
}
