package io.loggregator.cli.terminal;

import picocli.CommandLine.IVersionProvider;

/** {@code --version}: the program's version from the jar's manifest, and the Java it runs on. */
public final class VersionText implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = VersionText.class.getPackage().getImplementationVersion();
        return new String[] {
            "loggregator " + (version == null ? "(built from a class folder)" : version),
            "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + ", "
                    + System.getProperty("java.vendor") + ")"
        };
    }
}
