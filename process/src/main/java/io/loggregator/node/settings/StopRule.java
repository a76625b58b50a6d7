package io.loggregator.node.settings;

import java.time.Duration;

/** What a server's settings of an orderly stop have to do with each other. */
public final class StopRule {
    private StopRule() {}

    /** Half of the time that a stop may take, at least, is for what it has to do. */
    public static void check(Rules rules, Setting<Duration> delay, Setting<Duration> timeout) {
        Duration waits = rules.find(delay).orElse(Duration.ZERO);
        Duration whole = rules.find(timeout).orElse(Duration.ZERO);
        if (!waits.isZero() && waits.multipliedBy(2).compareTo(whole) > 0) {
            rules.problem(
                    delay,
                    "at most half of " + timeout.name() + ", which is " + GoDurations.format(whole) + "; "
                            + timeout.name() + "=" + GoDurations.format(waits.multipliedBy(2)) + " would fit");
        }
    }
}
