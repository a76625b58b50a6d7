package io.loggregator.nozzles.syslog;

import io.loggregator.nozzle.TlsOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Makes connections to one syslog server. */
final class SyslogConnector {
    private static final int CONNECT_MILLIS = 10_000;

    private final SyslogServer server;
    private final TlsOptions tls;
    private final Duration stallTimeout;

    /** @param stallTimeout how long the server may take nothing of what is written */
    SyslogConnector(SyslogServer server, TlsOptions tls, Duration stallTimeout) {
        this.server = server;
        this.tls = tls;
        this.stallTimeout = stallTimeout;
    }

    SyslogServer server() {
        return server;
    }

    /** Connects, which takes at most 10 s, and as much again for TLS. */
    SyslogConnection connect() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(server.host(), server.port()), CONNECT_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            return new SyslogConnection(socket, server.tls() ? secured(socket) : socket, stallTimeout);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private SSLSocket secured(Socket socket) throws IOException {
        SSLSocket secured =
                (SSLSocket) tls.context().getSocketFactory().createSocket(socket, server.host(), server.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.setSoTimeout(CONNECT_MILLIS);
        secured.startHandshake();
        return secured;
    }
}
