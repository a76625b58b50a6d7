package io.loggregator.cli.terminal;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.jul.LevelChangePropagator;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * Sets logback up: everything goes to standard error, since standard output belongs to the commands' results. In code,
 * because reading the same from XML takes a tenth of a server's start. {@code -Dlogback.configurationFile=FILE} is still
 * heard.
 *
 * <p>Lines are written by a thread of their own: whoever reads standard error, and does not read on, stops nobody else. What
 * then waits is bounded, and what comes beyond that is left out.
 */
public final class LogToStandardError extends ContextAwareBase implements Configurator {
    private static final String PATTERN =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %logger{36} - %replace(%msg){'[\\r\\n]+', ' | '}%n%ex";

    private static final String NAME = "stderr";
    /** Lines that may wait to be written. */
    private static final int WAITING = 2_048;

    /** What the last lines may take when the process ends. */
    private static final int LAST_MILLIS = 500;

    private static final Map<String, Level> LEVELS = Map.of(
            "io.netty", Level.WARN,
            "io.vertx", Level.WARN,
            "io.grpc", Level.WARN,
            // They write of each connection that somebody refuses, with stack traces; whoever asked for it tells it
            // better.
            "io.vertx.core.http.impl.HttpClientConnection", Level.ERROR,
            "io.vertx.core.net.impl.ConnectionBase", Level.OFF,
            // It writes a stack trace for each stream that its client gave up while something was under way to it.
            "io.grpc.netty.NettyServerHandler", Level.ERROR);

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        // No words of logback's own about how it was set up.
        context.getStatusManager().add(new NopStatusListener());
        LevelChangePropagator toJavaLogging = new LevelChangePropagator();
        toJavaLogging.setContext(context);
        toJavaLogging.start();
        context.addListener(toJavaLogging);

        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern(PATTERN);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        AsyncAppender lines = new AsyncAppender();
        lines.setContext(context);
        lines.setName(NAME);
        lines.setQueueSize(WAITING);
        lines.setDiscardingThreshold(0);
        lines.setNeverBlock(true);
        lines.setMaxFlushTime(LAST_MILLIS);
        lines.addAppender(appender);
        lines.start();

        LEVELS.forEach((name, level) -> context.getLogger(name).setLevel(level));
        ch.qos.logback.classic.Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level(), Level.INFO));
        root.addAppender(lines);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Has the last lines written when the process ends. */
    public static void flushAtExit() {
        // Not the whole context: who still writes holds a lock that its end would wait for.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                                    && context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)
                                                    .getAppender(NAME)
                                            instanceof AsyncAppender lines) {
                                lines.stop();
                            }
                        },
                        "log-flush"));
    }

    private static String level() {
        String property = System.getProperty("LOGGREGATOR_LOG_LEVEL");
        return property != null ? property : System.getenv("LOGGREGATOR_LOG_LEVEL");
    }
}
