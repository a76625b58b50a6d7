package io.loggregator.trafficcontroller.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** HTTP/2 over TLS as a client speaks it that keeps to no limit by itself. */
public final class BareHttp2 implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final SSLSocket socket;
    private final EmbeddedChannel frames = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final ChannelHandlerContext written = frames.pipeline().firstContext();
    private final DefaultHttp2FrameWriter writer = new DefaultHttp2FrameWriter();
    private final DefaultHttp2FrameReader reader = new DefaultHttp2FrameReader();
    private final ByteBuf unread = Unpooled.buffer();
    private final Queue<String> answers = new ArrayDeque<>();

    public BareHttp2(SSLContext trust, int port) throws IOException {
        socket = (SSLSocket) trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        frames.writeOutbound(Http2CodecUtil.connectionPrefaceBuf());
        writer.writeSettings(written, new Http2Settings(), written.newPromise());
    }

    /** Asks on a stream, with a header of as many bytes. */
    public BareHttp2 get(int stream, String target, int header) {
        Http2Headers headers = new DefaultHttp2Headers()
                .method("GET")
                .scheme("https")
                .authority("localhost")
                .path(target)
                .add("x", "y".repeat(header));
        writer.writeHeaders(written, stream, headers, 0, true, written.newPromise());
        return this;
    }

    /** Gives a stream up. */
    public BareHttp2 reset(int stream) {
        writer.writeRstStream(written, stream, Http2Error.CANCEL.code(), written.newPromise());
        return this;
    }

    /** Sends what was written since the last time. */
    public void send() throws IOException {
        frames.flush();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = frames.readOutbound(); part != null; part = frames.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        socket.getOutputStream().write(all.array(), 0, all.readableBytes());
    }

    /** The next answer: {@code STREAM status}, {@code STREAM reset ERROR} or {@code goaway ERROR: why}. */
    public String answer() throws IOException, Http2Exception {
        byte[] some = new byte[8192];
        while (answers.isEmpty()) {
            int read = socket.getInputStream().read(some);
            if (read < 0) {
                return "end";
            }
            unread.writeBytes(some, 0, read);
            reader.readFrame(written, unread, new Answers());
        }
        return answers.remove();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        frames.finishAndReleaseAll();
        reader.close();
        writer.close();
    }

    private final class Answers extends Http2FrameAdapter {
        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int stream,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean end) {
            answers.add(stream + " " + headers.status());
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean end) {
            answers.add(stream + " " + headers.status());
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long error) {
            answers.add(stream + " reset " + Http2Error.valueOf(error));
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext ctx, int last, long error, ByteBuf why) {
            answers.add("goaway " + Http2Error.valueOf(error) + ": " + why.toString(StandardCharsets.US_ASCII));
        }
    }
}
