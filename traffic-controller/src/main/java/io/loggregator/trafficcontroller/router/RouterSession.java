package io.loggregator.trafficcontroller.router;

import io.grpc.Status;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.Tails;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks the Go release's protocol with one Doppler for those who speak the link's. It has one lane, and lives from when
 * the Doppler was first reached until it is given up; what breaks meanwhile, its streams mend by themselves. Members'
 * sequence numbers and positions are made up here. On its event loop.
 */
final class RouterSession implements DopplerSession {
    static final String LINK_DOWN = Gap.LINK_DOWN;

    /** The app that the platform's own metrics belong to. */
    private static final String PLATFORM = "system";

    private static final Logger LOG = LoggerFactory.getLogger(RouterSession.class);
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Channels channels;
    private final String address;
    private final String epoch;
    private final DopplerListener listener;
    private final RouterCounters counters;
    private final RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
    private final RateLimitedLog refusals = new RateLimitedLog(LOG, LOG_PERIOD);
    private final V1Messages v1;
    private final V2Messages v2;
    private final RecentCalls recent = new RecentCalls(this);
    private final OwnEnvelopes envelopes = new OwnEnvelopes(this);
    private final Map<Long, MemberStream> members = new HashMap<>();
    private final Map<String, AppStream> apps = new HashMap<>();
    private long position;
    private boolean open;
    private boolean connected;

    RouterSession(Vertx vertx, Channels channels, String address, DopplerListener listener, RouterCounters counters) {
        this.vertx = vertx;
        this.channels = channels;
        this.address = address;
        // The Doppler does not say who it is, nor could anything of an earlier session go on in a later one.
        this.epoch = "grpc/" + address + "/" + UUID.randomUUID();
        this.listener = listener;
        this.counters = counters;
        this.v1 = new V1Messages(counters);
        this.v2 = new V2Messages(counters);
    }

    // ---- its connection ------------------------------------------------------------------------------------------

    /** Begins; the Doppler is connected. */
    void open() {
        open = true;
        connected = true;
        listener.opened(this);
    }

    /** Streams may be opened now, or not at the moment; those that are open need not have noticed. */
    void connected(boolean now) {
        connected = now;
        if (now) {
            channels.reachable();
            for (RouterStream stream : streams()) {
                stream.connected();
            }
        }
    }

    boolean isConnected() {
        return connected;
    }

    /** What goes the other way. */
    OwnEnvelopes envelopes() {
        return envelopes;
    }

    /** The Doppler is not connected, and never will be again: tells readers that something may be missing. */
    void giveUp() {
        streams().forEach(RouterStream::giveUp);
    }

    /** Ends all streams. */
    void close() {
        connected = false;
        open = false;
        streams().forEach(RouterStream::end);
        envelopes.abort("not connected any more");
        members.clear();
        apps.clear();
        listener.closed(this);
    }

    private List<RouterStream> streams() {
        List<RouterStream> streams = new ArrayList<>(members.values());
        streams.addAll(apps.values());
        return streams;
    }

    /** A stream ended that was to go on. */
    void streamEnded(String method, Status status) {
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            LOG.debug("{} of Doppler {} ended: {}", method, address, status);
        } else {
            log.warn(
                    "{} of Doppler {} ended: {} {} (is opened again)",
                    method,
                    address,
                    status.getCode(),
                    status.getDescription());
        }
    }

    /** The Doppler does not serve a stream that is wanted, and will not as long as it is what it is. */
    void streamRefused(String method, Status status) {
        counters.refused.add(1);
        refusals.warn(
                "Doppler {} refuses {}: {} {} (readers get nothing from it; it is asked again every few seconds)",
                address,
                method,
                status.getCode(),
                status.getDescription());
    }

    // ---- what its streams need -----------------------------------------------------------------------------------

    Vertx vertx() {
        return vertx;
    }

    Channels channels() {
        return channels;
    }

    DopplerListener listener() {
        return listener;
    }

    RouterCounters counters() {
        return counters;
    }

    V1Messages v1() {
        return v1;
    }

    V2Messages v2() {
        return v2;
    }

    /** Runs something in a later turn, if it is still open by then. */
    void later(Runnable action) {
        vertx.runOnContext(turn -> {
            if (open) {
                action.run();
            }
        });
    }

    /** Starts the header of a batch of so many bytes. */
    Batch.Builder header(int size) {
        position += size;
        return Batch.newBuilder().setEnd(position);
    }

    // ---- what it is told -----------------------------------------------------------------------------------------

    @Override
    public void send(ToDoppler message) {
        if (!open) {
            return;
        }
        switch (message.getMessageCase()) {
            case JOIN -> join(message.getJoin());
            case LEAVE -> {
                MemberStream stream = members.remove(message.getLeave().getMember());
                if (stream != null) {
                    stream.end();
                }
            }
            case WINDOW -> {
                MemberStream stream = members.get(message.getWindow().getMember());
                if (stream != null) {
                    stream.window(message.getWindow().getBytes());
                }
            }
            case TAILS -> tails(message.getTails());
            case QUERY -> recent.ask(message.getQuery());
            default -> {
                // Nothing that this protocol knows.
            }
        }
    }

    private void join(Join join) {
        if (!members.containsKey(join.getMember())) {
            MemberStream stream = new MemberStream(this, join);
            members.put(join.getMember(), stream);
            stream.begin();
        }
    }

    private void tails(Tails tails) {
        tails.getAddList().forEach(this::follow);
        tails.getRemoveList().forEach(this::unfollow);
        if (tails.hasPlatform()) {
            if (tails.getPlatform()) {
                follow(PLATFORM);
            } else {
                unfollow(PLATFORM);
            }
        }
    }

    private void follow(String app) {
        if (!apps.containsKey(app)) {
            AppStream stream = new AppStream(this, app);
            apps.put(app, stream);
            stream.start();
        }
    }

    private void unfollow(String app) {
        AppStream stream = apps.remove(app);
        if (stream != null) {
            stream.end();
        }
    }

    @Override
    public void confirm(long member, int lane, long sequence) {
        MemberStream stream = members.get(member);
        if (stream != null) {
            stream.confirm(sequence);
        }
    }

    // ---- what it is ----------------------------------------------------------------------------------------------

    @Override
    public Kind kind() {
        return Kind.GRPC;
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** Nothing is asked for that came before: these services cannot tell it. */
    @Override
    public Duration silence() {
        return Duration.ZERO;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public boolean selects() {
        return true;
    }
}
