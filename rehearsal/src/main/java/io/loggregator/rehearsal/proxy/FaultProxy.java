package io.loggregator.rehearsal.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Listens on a port of loopback, passes what comes on to another, and puts faults in. Faults act at once on the connections
 * there are and on those to come, until {@link #heal}. Usable from any thread.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final ServerSocket listener;
    private final int target;
    private final int bufferBytes;
    private final Map<Direction, Passage> passages = new EnumMap<>(Direction.class);
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean refusing;

    /**
     * Begins to listen.
     *
     * @param target port on loopback that connections are passed on to
     */
    public FaultProxy(int target) throws IOException {
        this(target, 0);
    }

    /**
     * The same with small sockets, so that whoever waits for a proxy that takes nothing notices soon.
     *
     * @param bufferBytes of each socket; 0: as the kernel thinks
     */
    public FaultProxy(int target, int bufferBytes) throws IOException {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), target, bufferBytes);
    }

    /**
     * At an address of its own.
     *
     * @param address of this machine
     */
    public static FaultProxy at(InetSocketAddress address, int target) throws IOException {
        return new FaultProxy(address, target, 0);
    }

    private FaultProxy(InetSocketAddress address, int target, int bufferBytes) throws IOException {
        this.target = target;
        this.bufferBytes = bufferBytes;
        for (Direction direction : Direction.values()) {
            passages.put(direction, new Passage());
        }
        listener = new ServerSocket();
        if (bufferBytes > 0) {
            listener.setReceiveBufferSize(bufferBytes);
        }
        listener.bind(address, BACKLOG);
        Connection.start("proxy-" + port(), this::accept);
    }

    /** The port where it listens, on loopback if nothing else was said. */
    public int port() {
        return listener.getLocalPort();
    }

    /** How many connections there are. */
    public int connections() {
        return connections.size();
    }

    /** Bytes that were passed on that way so far. */
    public long passed(Direction direction) {
        return passages.get(direction).passed();
    }

    /** What goes that way arrives so much later; in order, and without a limit to how much goes. */
    public void delay(Direction direction, Duration time) {
        passages.get(direction).delay(time);
    }

    /** No more than so many bytes a second go that way, all connections together. */
    public void limit(Direction direction, long bytesPerSecond) {
        passages.get(direction).limit(bytesPerSecond);
    }

    /** Nothing goes that way any more, and nobody is told: as when packets are lost on the way. */
    public void hold(Direction direction) {
        passages.get(direction).hold();
    }

    /** Resets all connections (RST), and refuses others until {@link #heal}. */
    public void cut() {
        refusing = true;
        reset();
    }

    /** Resets the connections there are (RST); others may come at once. */
    public void reset() {
        for (Connection connection : connections) {
            connection.reset();
        }
    }

    /** Ends all faults. Connections that were held go on with what waits; those that were cut are gone. */
    public void heal() {
        refusing = false;
        passages.values().forEach(Passage::heal);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                take(listener.accept());
            } catch (IOException closed) {
                // Seen by the loop's condition; anything else concerned one client only.
            }
        }
    }

    private void take(Socket client) throws IOException {
        Connection connection = new Connection(client, passages, connections::remove);
        connections.add(connection);
        if (refusing) {
            connection.reset();
            return;
        }
        try {
            Socket server = new Socket();
            if (bufferBytes > 0) {
                server.setReceiveBufferSize(bufferBytes);
                client.setSendBufferSize(bufferBytes);
            }
            connection.join(server, target);
        } catch (IOException nobodyThere) {
            connection.reset();
        }
        if (refusing || listener.isClosed()) {
            connection.reset();
        }
    }

    /** Stops to listen and resets all connections. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException closed) {
            // It does not listen any more, as was wanted.
        }
        passages.values().forEach(Passage::heal);
        reset();
    }
}
