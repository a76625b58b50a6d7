package io.loggregator.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogToStandardErrorTest {
    private final LoggerContext context = new LoggerContext();

    @AfterEach
    void stop() {
        context.stop();
        System.clearProperty("LOGGREGATOR_LOG_LEVEL");
        System.clearProperty("logback.configurationFile");
    }

    private ExecutionStatus configure() {
        // As SLF4J does for the context it makes.
        context.setMDCAdapter(new LogbackMDCAdapter());
        LogToStandardError configurator = new LogToStandardError();
        configurator.setContext(context);
        return configurator.configure(context);
    }

    @Test
    void isWhatTheProgramLogsWith() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        assertThat(root.getAppender("stderr")).isNotNull();
    }

    @Test
    void aMessageIsALine() {
        PrintStream before = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            assertThat(configure()).isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
            context.getLogger("io.loggregator.x.Y").info("one\ntwo é");
            context.getLogger("io.loggregator.x.Y").debug("no");
            context.stop();
        } finally {
            System.setErr(before);
        }
        assertThat(written.toString(StandardCharsets.UTF_8))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO  io\\.loggregator\\.x\\.Y - one \\| two é\\R");
    }

    @Test
    void librariesSayLess() {
        configure();
        assertThat(context.getLogger("io.netty.channel").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger("io.vertx.core.net.impl.ConnectionBase").getEffectiveLevel())
                .isEqualTo(Level.OFF);
    }

    @Test
    void theLevelCanBeSet() {
        System.setProperty("LOGGREGATOR_LOG_LEVEL", "debug");
        configure();
        assertThat(context.getLogger("io.loggregator").getEffectiveLevel()).isEqualTo(Level.DEBUG);
    }

    @Test
    void aFileOfTheUsersOwnGoesFirst() {
        System.setProperty("logback.configurationFile", "mine.xml");
        assertThat(configure()).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
        assertThat(context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).iteratorForAppenders())
                .isExhausted();
    }
}
