package io.loggregator.cli.terminal;

import io.loggregator.node.process.ProgramVersion;
import picocli.CommandLine.IVersionProvider;

/** {@code --version} of the program and its commands. */
public final class VersionText implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return ProgramVersion.lines(VersionText.class);
    }
}
