package io.loggregator.node.process;

/** What {@code --version} says. */
public final class ProgramVersion {
    private ProgramVersion() {}

    /**
     * The program's version and the Java it runs on, a line each.
     *
     * @param program a class of it, whose jar's manifest has the version
     */
    public static String[] lines(Class<?> program) {
        String version = program.getPackage().getImplementationVersion();
        return new String[] {
            "loggregator " + (version == null ? "(built from a class folder)" : version),
            "Java " + System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + ", "
                    + System.getProperty("java.vendor") + ")"
        };
    }
}
