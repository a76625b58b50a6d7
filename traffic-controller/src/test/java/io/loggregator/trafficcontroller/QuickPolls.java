package io.loggregator.trafficcontroller;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has Awaitility ask at once and then ever less often, up to its usual ten times a second: most of what tests wait for is
 * there within milliseconds. For all classes of this module.
 */
public final class QuickPolls implements BeforeAllCallback {
    private static final Duration FIRST = Duration.ofMillis(5);
    private static final Duration LONGEST = Duration.ofMillis(100);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollInterval((asked, previous) -> {
            Duration next = asked <= 1 ? FIRST : previous.multipliedBy(2);
            return next.compareTo(LONGEST) < 0 ? next : LONGEST;
        });
    }
}
