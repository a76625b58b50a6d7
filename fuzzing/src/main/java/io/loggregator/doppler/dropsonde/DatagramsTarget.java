package io.loggregator.doppler.dropsonde;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.V1Counters;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.fuzzing.Claim;
import io.loggregator.stream.recent.RecentPast;
import io.loggregator.wire.v1.V1ToV2;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Datagrams of v1 envelopes, signed and not, from the socket to the lane's log. */
public final class DatagramsTarget {
    private static final String SECRET = "a secret";
    private static final long LOG_BYTES = 1 << 20;
    private static final InetSocketAddress ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 3457);

    /** What the two low bits of a datagram's first byte say of its signature; both of one is one that is half there. */
    private static final int SIGNED = 1;

    private static final int BROKEN = 2;
    private static final int HALF = SIGNED | BROKEN;

    /** With a signature and the heads of UDP and IP it has just room in a packet. */
    private static final int LARGEST = 65_507 - Signatures.LENGTH;

    private static final Socket PLAIN = new Socket(null);
    private static final Socket CHECKED = new Socket(new Signatures(SECRET));

    private DatagramsTarget() {}

    /** One socket with a lane of its own, used again and again as a server does. */
    private static final class Socket {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final DopplerLane lane = new DopplerLane(
                0,
                channel.eventLoop(),
                LOG_BYTES,
                new RecentPast(1, RecentPast.MIN_BUDGET_BYTES, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                true);
        private final V1Intake intake = new V1Intake(lane);
        private final Signatures signatures;

        Socket(Signatures signatures) {
            this.signatures = signatures;
            UdpOptions options = new UdpOptions(ADDRESS, SECRET, 1, "SECRET", "BUFFER");
            channel.pipeline().addLast(new UdpSocket(intake, signatures, new UdpLog(options)));
        }

        void bring(byte[] datagram) {
            channel.writeOneInbound(new DatagramPacket(Unpooled.wrappedBuffer(datagram), ADDRESS, ADDRESS));
        }

        /** The turn of the event loop is over. */
        void finish() {
            channel.flushInbound();
            channel.runPendingTasks();
        }

        long messages() {
            return counters().messages();
        }

        long taken() {
            return IntStream.range(0, V1ToV2.EVENT_TYPES.size())
                    .mapToLong(counters()::envelopes)
                    .sum();
        }

        long refused() {
            return signatures == null ? 0 : signatures.invalid() + signatures.missing();
        }

        V1Counters counters() {
            return intake.counters();
        }

        void check(long received, long unsigned) {
            Claim.that(messages() == received, "every datagram is counted");
            Claim.that(refused() == unsigned, "who has not signed is refused, and nobody else");
            long sum = taken() + counters().undecodable() + counters().unknownType() + refused();
            Claim.that(sum == received, "every datagram is taken in, refused, undecodable or of an unknown type");
            Claim.that(lane.counters().envelopes() == taken(), "what is taken in is in the log");
            Claim.that(lane.counters().malformedEnvelopes() == 0, "nothing is made of v1 that is malformed in v2");
            Claim.that(lane.counters().malformedBatches() == 0, "and no batch");
        }
    }

    /** What the fuzzer begins with: each of some envelopes by itself, signed and not, and all in one turn. */
    public static List<byte[]> seeds(List<byte[]> envelopes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < envelopes.size(); i++) {
            byte[] envelope = envelopes.get(i);
            all.write(i);
            all.write(envelope.length >> 8);
            all.write(envelope.length);
            all.writeBytes(envelope);
        }
        return List.of(all.toByteArray());
    }

    /** Takes any bytes: for each datagram how it is signed, two bytes of its length, and what is in it. */
    public static void fuzzerTestOneInput(byte[] data) {
        long plain = PLAIN.messages();
        long checked = CHECKED.messages();
        long unsigned = CHECKED.refused();
        long before = PLAIN.taken() - CHECKED.taken();
        int at = 0;
        long refusedTaken = 0;
        while (at + 3 <= data.length) {
            int how = data[at] & HALF;
            int length = Math.min(
                    LARGEST, Math.min((data[at + 1] & 0xFF) << 8 | (data[at + 2] & 0xFF), data.length - at - 3));
            byte[] envelope = Arrays.copyOfRange(data, at + 3, at + 3 + length);
            at += 3 + length;
            long taken = PLAIN.taken();
            PLAIN.bring(envelope);
            plain++;
            CHECKED.bring(signed(how, envelope));
            checked++;
            if (how != SIGNED) {
                unsigned++;
                refusedTaken += PLAIN.taken() - taken;
            }
        }
        PLAIN.finish();
        CHECKED.finish();
        PLAIN.check(plain, 0);
        CHECKED.check(checked, unsigned);
        Claim.that(
                PLAIN.taken() - CHECKED.taken() == before + refusedTaken,
                "what is signed is taken in as it is without a signature");
    }

    private static byte[] signed(int how, byte[] envelope) {
        byte[] signature = signature(envelope);
        if (how == BROKEN) {
            signature[Arrays.hashCode(envelope) & (Signatures.LENGTH - 1)] ^= 1;
        }
        int kept = how == SIGNED || how == BROKEN ? Signatures.LENGTH : how == HALF ? Signatures.LENGTH / 2 : 0;
        byte[] datagram = Arrays.copyOf(signature, kept + envelope.length);
        System.arraycopy(envelope, 0, datagram, kept, envelope.length);
        return datagram;
    }

    private static byte[] signature(byte[] envelope) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(envelope);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
