package io.loggregator.nozzles.runner;

import io.loggregator.node.settings.Rules;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.Selector;
import java.util.List;

/** What a nozzle adds to what all nozzles share: its settings, and where it brings what it reads. */
public interface NozzleProgram {
    /** As in {@code ./loggregator nozzle NAME}: one word in lower case. */
    String name();

    /** What it does, in a sentence. */
    String description();

    /** The settings that are its own. Their names begin with the nozzle's. */
    List<Setting<?>> settings();

    /** Checks its settings together. */
    default void rules(Rules rules) {}

    /** What it needs under these settings; empty: everything. */
    default List<Selector> selectors(Settings settings) {
        return List.of();
    }

    /**
     * Gets ready to take envelopes. What is not there yet (a server that does not answer) is waited for in {@link
     * Destination#handle}, so that nothing is read and lost meanwhile.
     *
     * @throws Exception the settings cannot be used as things are (a port in use, a file with something else in it); its
     *     message is shown, and the program ends with {@link io.loggregator.node.process.ExitCodes#CONFIGURATION}; with
     *     another code where it is a {@link io.loggregator.nozzle.NozzleException} that is not final, or says that a server
     *     refused
     */
    Destination open(Settings settings) throws Exception;
}
