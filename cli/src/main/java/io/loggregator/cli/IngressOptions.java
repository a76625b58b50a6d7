package io.loggregator.cli;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.cli.client.Address;
import io.loggregator.cli.client.Backoff;
import io.loggregator.cli.client.TlsFiles;
import io.loggregator.cli.emit.DatagramSender;
import io.loggregator.cli.emit.IngressSender;
import io.loggregator.cli.terminal.Failure;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands that send have in common: which gRPC ingress, and how to speak to it. */
final class IngressOptions {
    private static final int PORT = 8082;
    private static final int UDP_PORT = 3457;

    /** A name may stand for many Dopplers: each connection takes one by chance, and another when it breaks. */
    private static final Map<String, ?> ANY_ADDRESS =
            Map.of("loadBalancingConfig", List.of(Map.of("pick_first", Map.of("shuffleAddressList", true))));

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--addr",
            paramLabel = "ADDRESS",
            description = {
                "host[:port] of the ingress.",
                "Spoken to in TLS, except that localhost, 127.* and [::1] without --ca and --cert are spoken to in "
                        + "plain text.",
                "Default: 127.0.0.1:8082"
            })
    private String address;

    @Option(
            names = "--server-name",
            paramLabel = "NAME",
            defaultValue = "doppler",
            description = "The name to expect in the server's certificate (of an agent: metron). Default: doppler")
    private String serverName;

    @Mixin
    private TlsOptions tls;

    @Option(names = "--wait", description = "Wait for a server that cannot be reached at the start.")
    private boolean patient;

    /** A sender with a connection of its own, which is made when the first batch is sent. */
    IngressSender sender(Consumer<String> notices) {
        Address target = address();
        return new IngressSender(channel(target), target.hostAndPort(), Backoff.ofClient(), patient, notices);
    }

    /** The same, but it sends v1 envelopes. */
    IngressSender v1Sender(Consumer<String> notices) {
        Address target = address();
        return IngressSender.v1(channel(target), target.hostAndPort(), Backoff.ofClient(), patient, notices);
    }

    /**
     * A sender of datagrams.
     *
     * @param secret signs them; null: they are not signed
     * @throws IngressSender.Failed if there is no way to the address
     */
    DatagramSender datagrams(String secret, Consumer<String> notices) throws IngressSender.Failed {
        if (tls.given()) {
            throw new ParameterException(
                    command.commandLine(), "--udp has no use for --ca, --cert, --key and --plaintext");
        }
        Address target = address(UDP_PORT);
        return new DatagramSender(new InetSocketAddress(target.host(), target.port()), secret, patient, notices);
    }

    /** Where the server listens. */
    Address address() {
        return address(PORT);
    }

    private Address address(int usualPort) {
        if (address == null) {
            address = "127.0.0.1";
        }
        if (address.contains("/")) {
            throw wrong("'" + address + "' is no address: it must be host[:port]");
        }
        try {
            Address.Bare bare = tls.bare(command);
            Address parsed = Address.parse(address, bare, usualPort);
            // 443 is a web server's port; the ingress has its own.
            return address.endsWith(":" + parsed.port())
                    ? parsed
                    : new Address(parsed.tls(), parsed.host(), usualPort, "");
        } catch (IllegalArgumentException wrong) {
            throw wrong(wrong.getMessage());
        }
    }

    private ManagedChannel channel(Address target) {
        NettyChannelBuilder channel = NettyChannelBuilder.forAddress(target.host(), target.port())
                .defaultServiceConfig(ANY_ADDRESS)
                .disableServiceConfigLookUp()
                .keepAliveTime(15, TimeUnit.SECONDS)
                .keepAliveTimeout(15, TimeUnit.SECONDS);
        if (!target.tls()) {
            return channel.negotiationType(NegotiationType.PLAINTEXT).build();
        }
        return channel.sslContext(sslContext(tls.files(command)))
                .overrideAuthority(serverName)
                .build();
    }

    private SslContext sslContext(TlsFiles files) {
        try {
            return files.forGrpc(serverName);
        } catch (InvalidTlsMaterial | SSLException wrong) {
            throw new Failure(ExitCodes.CONFIGURATION, wrong.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), "--addr: " + message);
    }
}
