package io.loggregator.node.process;

import java.security.Security;

/** How long this process remembers what it found when it looked up a name. */
public final class NameAnswers {
    private NameAnswers() {}

    /**
     * From now on not at all: who looks up a name again wants to know what it stands for by then. To be called before the
     * first look-up of the process, since the JDK, which would remember for 30 s, asks for this only then.
     */
    public static void forget() {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
    }
}
