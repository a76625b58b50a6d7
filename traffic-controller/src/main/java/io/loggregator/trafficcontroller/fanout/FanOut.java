package io.loggregator.trafficcontroller.fanout;

import io.loggregator.link.v1.Answer;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Moved;
import io.loggregator.link.v1.Tails;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.edge.OpenStream;
import io.loggregator.trafficcontroller.edge.Pipeline;
import io.loggregator.trafficcontroller.edge.RecentPast;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Reading;
import io.loggregator.trafficcontroller.subscription.Readings;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.SlowConsumer;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands between the links and the clients of one event loop. */
public final class FanOut implements DopplerListener, Pipeline, Readings {
    private static final Logger LOG = LoggerFactory.getLogger(FanOut.class);
    /** Source ids in one message to a Doppler. */
    private static final int SOURCES_A_MESSAGE = 500;
    /** Links that are to be come in that time, or will not. */
    private static final long PAST_RUNS_MILLIS = 5_000;

    /** A link that is to be made again has been by then, as a rule. */
    private static final Duration SHORTEST_PATIENCE = Duration.ofSeconds(5);

    private static final String V1 = "v1";

    private final Vertx vertx;
    private final Options options;
    private final ClientCounters counters;
    private final Turn turn;
    private final Forms forms;
    private final Soon soon;
    private final Members members;
    private final AppTails tails;
    private final RecentQueries queries;
    private final TailProgress progress;
    private final BrokenOff brokenOff = new BrokenOff();
    /** After which a run of a Doppler whose link broke is lost, in nanoseconds. */
    private final long patience;

    private final Supplier<List<DopplerSession>> sessions;
    private final long timer;
    private boolean stopping;

    /**
     * What it may use.
     *
     * @param logBytes memory of the log that app streams behind the head read from
     * @param waitingBytes batch bytes that may wait for firehose clients, all together
     * @param answers memory for answers about the recent past, of all event loops
     * @param queries about the recent past
     * @param times what clients have
     * @param grace how long a run of a Doppler whose link broke has to be linked again before it is lost; five seconds at least
     * @param farewell how long a stop waits for clients to take and confirm what came for them
     * @param slowConsumers told of each client that is closed for being slow, on an event loop
     */
    public record Options(
            long logBytes,
            long waitingBytes,
            AnswerMemory answers,
            QueryLimits queries,
            ClientTimes times,
            Duration grace,
            Duration farewell,
            Timing timing,
            Consumer<SlowConsumer> slowConsumers) {}

    /**
     * On an event loop context, which it belongs to from then on.
     *
     * @param sessions the links that are open
     */
    public FanOut(Vertx vertx, Options options, ClientCounters counters, Supplier<List<DopplerSession>> sessions) {
        this.vertx = vertx;
        this.options = options;
        this.counters = counters;
        this.sessions = sessions;
        Context context = vertx.getOrCreateContext();
        this.forms = new Forms(
                PooledByteBufAllocator.DEFAULT, new Rendering(counters.skipped, counters.cut), counters.skipped);
        this.turn = new Turn(
                action -> context.runOnContext(later -> action.run()),
                options.timing().nanos());
        this.soon = new Soon(System::nanoTime, soonAlarm());
        this.members = new Members(options.waitingBytes(), sessions, turn::nanos, soon, counters);
        this.tails = new AppTails(MemoryLog.thinning(options.logBytes()), new FollowedApps(), counters, turn::nanos);
        this.queries = new RecentQueries(vertx, options.answers(), options.queries(), counters);
        this.patience = Math.max(options.grace().toNanos(), SHORTEST_PATIENCE.toNanos());
        this.progress = new TailProgress(turn::nanos);
        this.timer = vertx.setPeriodic(options.timing().tick().toMillis(), tick -> lookAfterClients());
    }

    // ---- clients -----------------------------------------------------------------------------------------------

    @Override
    public OpenStream firehose(
            ServerWebSocket webSocket,
            String subscription,
            Selection filter,
            Refinement refinement,
            boolean tellsHeldBack) {
        Subscription asked = new Subscription(V1, subscription, filter, refinement, "", "");
        HeldBack heldBack = new HeldBack(Notice.PLATFORM, tellsHeldBack, turn::nanos, counters);
        FirehoseClient client = new FirehoseClient(asked, heldBack, soon, counters);
        ClientSocket socket = new ClientSocket(webSocket, turn, options.times().pong(), client);
        Member member = members.add(asked, Form.V1_FRAMES, client, client::tick);
        client.open(socket, member);
        if (stopping) {
            member.stop();
        } else {
            members.join(member);
        }
        return socket::close;
    }

    @Override
    public Reading open(Subscription subscription, Form form, Reader reader) {
        Waiting waiting = new Waiting(reader, turn::nanos);
        Member member = members.add(subscription, form, reader, waiting::isLongerThan);
        waiting.of(member);
        if (stopping) {
            turn.later(member::stop);
        } else {
            member.loseUnreadable();
            members.join(member);
            if (!subscription.resume().isEmpty()) {
                vertx.setTimer(PAST_RUNS_MILLIS, later -> member.loseUnknown());
            }
        }
        return member;
    }

    @Override
    public OpenStream appStream(ServerWebSocket webSocket, String app, Refinement refinement, boolean tellsHeldBack) {
        AppTail tail =
                tails.add(app, refinement, new HeldBack(app, tellsHeldBack, turn::nanos, counters), turn.nanos());
        tail.open(new ClientSocket(webSocket, turn, options.times().pong(), tail));
        if (stopping) {
            tail.socket().close(ClientSocket.GOING_AWAY, Farewell.REASON);
        }
        return tail.socket()::close;
    }

    @Override
    public Future<RecentPast> recentLogs(String app, int limit) {
        return queries.logs(sessions.get(), app, limit);
    }

    @Override
    public Future<RecentPast> containerMetrics(String app) {
        return queries.containerMetrics(sessions.get(), app);
    }

    /** What is known of each client of this event loop; on it. */
    public List<ClientStanding> clients() {
        List<ClientStanding> clients = new ArrayList<>();
        members.all().forEach(member -> clients.add(member.clientStanding()));
        for (AppTail tail : tails.all()) {
            if (tail.socket() != null) {
                clients.add(tail.clientStanding());
            }
        }
        return clients;
    }

    private Soon.Alarm soonAlarm() {
        return new Soon.Alarm() {
            private long timer;

            @Override
            public void set() {
                timer = vertx.setTimer(Soon.MILLIS, later -> soon.run());
            }

            @Override
            public void cancel() {
                vertx.cancelTimer(timer);
            }
        };
    }

    private void lookAfterClients() {
        long slow = options.times().progress().toNanos();
        long now = turn.nanos();
        brokenOff.overdue(now, patience).forEach(this::lost);
        for (Member member : members.all()) {
            if (member.tick(slow, now)) {
                Reader reader = member.reader();
                Pace pace = member.pace();
                tooSlow(new SlowConsumer(reader.remote(), reader.forwardedFor(), reader.request(), pace));
                member.giveUp(pace);
            }
        }
        for (AppTail tail : tails.all()) {
            if (tail.socket() != null && tail.tick(slow, now)) {
                tails.giveUp(tail, counters.slowTails);
                Pace pace = tail.pace(now);
                ClientSocket socket = tail.socket();
                tooSlow(new SlowConsumer(socket.remote(), socket.forwardedFor(), socket.uri(), pace));
                socket.close(ClientSocket.POLICY_VIOLATION, pace.tooSlow());
            }
        }
    }

    private void tooSlow(SlowConsumer client) {
        counters.slowConsumers.add(1);
        LOG.warn(
                "Doppler Proxy: Slow Consumer from {} using {}: took {}",
                client.remote(),
                client.request(),
                client.pace());
        options.slowConsumers().accept(client);
    }

    /**
     * Sends all clients elsewhere, each when it has what came for it; completes when all have been told. Links must live
     * until then.
     */
    public Future<Void> stop() {
        stopping = true;
        vertx.cancelTimer(timer);
        return new Farewell(vertx, members, tails, counters, queries, sessions.get(), options.farewell()).say();
    }

    // ---- links -------------------------------------------------------------------------------------------------

    @Override
    public void opened(DopplerSession session) {
        counters.connects.add(1);
        if (session.kind() == DopplerSession.Kind.LINK) {
            counters.links.add(1);
        }
        OptionalLong lastHeard = brokenOff.lastHeard(session);
        brokenOff.linked(session).forEach(this::lost);
        List<String> apps = tails.apps();
        for (int i = 0; i < apps.size(); i += SOURCES_A_MESSAGE) {
            session.send(ToDoppler.newBuilder()
                    .setTails(
                            Tails.newBuilder().addAllAdd(apps.subList(i, Math.min(apps.size(), i + SOURCES_A_MESSAGE))))
                    .build());
        }
        session.send(ToDoppler.newBuilder()
                .setTails(Tails.newBuilder()
                        .setPlatform(apps.contains(AppTails.PLATFORM))
                        .setStart(progress.start(session, tails.oldest())))
                .build());
        members.joinAll(session, progress.knewUntil(session), lastHeard);
    }

    @Override
    public void batch(DopplerSession session, Batch header, byte[] bytes, int from, int to) {
        counters.ingress.add(to - from);
        forms.over(bytes, from, to);
        boolean forV1 = header.getTails();
        boolean forV2 = false;
        try {
            for (int i = 0; i < header.getDeliveriesCount(); i++) {
                Delivery delivery = header.getDeliveries(i);
                Member member = members.get(delivery.getMember());
                // One that has left: its Doppler hears of it and takes the batch back.
                if (member != null) {
                    forV1 |= member.form() == Form.V1_FRAMES;
                    forV2 |= member.form() != Form.V1_FRAMES;
                    member.deliver(session, header.getLane(), delivery, header.getEnd(), forms);
                }
            }
            if (header.getTails()) {
                RenderedBatch frames = forms.of(Form.V1_FRAMES);
                tails.serve(bytes, from, to, forms.frames(), frames, SteadyClock.millis());
                progress.received(session, header.getLane(), header.getEnd());
            }
            count(forms.size(), forV1, forV2);
            soon.passing();
        } finally {
            forms.close();
        }
    }

    private void count(int envelopes, boolean forV1, boolean forV2) {
        counters.ingressEnvelopes.add(envelopes);
        if (forV1) {
            counters.ingressForV1.add(envelopes);
        }
        if (forV2) {
            counters.ingressForV2.add(envelopes);
        }
    }

    @Override
    public void gap(DopplerSession session, Gap gap) {
        if (gap.hasDelivery()) {
            Member member = members.get(gap.getDelivery().getMember());
            if (member != null) {
                member.gap(session, gap);
            }
            return;
        }
        progress.gap(session, gap.getLane());
        if (gap.getSourceId().isEmpty()) {
            tails.lostSome();
        } else if (gap.getCount() == 0) {
            tails.lostSome(gap.getSourceId());
        } else {
            tails.lost(gap.getSourceId(), gap.getCount(), gap.getReason());
        }
    }

    @Override
    public void lag(DopplerSession session, io.loggregator.link.v1.Lag lag) {
        Member member = members.get(lag.getMember());
        if (member != null) {
            member.lag(new Lag(lag.getBehindMillis(), lag.getBehindBytes(), lag.getLimitBytes()));
        }
    }

    @Override
    public void moved(Moved moved) {
        Member member = members.get(moved.getMember());
        if (member != null) {
            counters.moved.add(1);
            LOG.info(
                    "{} of {} goes on elsewhere",
                    member.reader().request(),
                    member.reader().remote());
            member.moved();
        }
    }

    @Override
    public void answer(DopplerSession session, Answer answer, byte[] bytes, int from, int to) {
        queries.answer(session, answer, bytes, from, to);
    }

    @Override
    public void closed(DopplerSession session) {
        counters.disconnects.add(1);
        if (session.kind() == DopplerSession.Kind.LINK) {
            counters.links.add(-1);
        }
        progress.closed(session);
        queries.closed(session);
    }

    @Override
    public void brokeOff(DopplerSession session, long heardMillis) {
        counters.brokenLinks.add(1);
        brokenOff.broke(session, turn.nanos(), heardMillis);
    }

    /** What it had taken in and not handed over is nowhere any more, and only its readers can be told. */
    private void lost(BrokenOff.Run run) {
        counters.lostDopplers.add(1);
        long heard = SteadyClock.toSystem(run.heardMillis());
        long now = SteadyClock.toSystem(SteadyClock.millis());
        LOG.warn(
                "Doppler {} is lost, last heard of at {}: what it had taken in and not handed over is gone, and its readers"
                        + " are told",
                run.address(),
                Instant.ofEpochMilli(heard));
        members.all().forEach(member -> member.lose(run, now));
        tails.lost(run, Loss.dopplerLost(heard, now));
    }

    /** Tells every Doppler which apps are followed. */
    private final class FollowedApps implements AppTails.Interest {
        @Override
        public void followed(String app) {
            tell(app, Tails.newBuilder().addAdd(app), true);
        }

        @Override
        public void unfollowed(String app) {
            tell(app, Tails.newBuilder().addRemove(app), false);
        }

        private void tell(String app, Tails.Builder change, boolean wanted) {
            if (app.equals(AppTails.PLATFORM)) {
                change.setPlatform(wanted);
            }
            ToDoppler message = ToDoppler.newBuilder().setTails(change).build();
            new ArrayList<>(sessions.get()).forEach(session -> session.send(message));
        }
    }
}
