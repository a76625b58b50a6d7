package io.loggregator.rehearsal.nodes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a JVM finds when it looks up a name: it reads this file each time, in the place of asking the system, which cannot be
 * told for one process where to ask. A name that is not there is to the JVM what one is that DNS does not know, or has no
 * answer for. Usable from any thread.
 */
public final class HostsFile {
    private final Path file;
    private final Map<String, List<String>> addresses = new TreeMap<>();

    /** @param names with the address that each stands for at first */
    HostsFile(Path file, Map<String, String> names) throws IOException {
        this.file = file;
        names.forEach((name, address) -> addresses.put(name, List.of(address)));
        write();
    }

    /** What has a JVM look there. */
    String javaOption() {
        return "-Djdk.net.hosts.file=" + file;
    }

    /**
     * What a name stands for from now on.
     *
     * @param of that name; none: it cannot be looked up
     */
    public synchronized void answer(String name, List<String> of) throws IOException {
        addresses.put(name, List.copyOf(of));
        write();
    }

    /** From now on whoever looks up anything waits, until {@link #answerAgain}. */
    public synchronized void hang() throws IOException, InterruptedException {
        Path silent = file.resolveSibling(file.getFileName() + ".silent");
        // Who opens a pipe that nobody writes to waits.
        if (new ProcessBuilder("mkfifo", silent.toString()).start().waitFor() != 0) {
            throw new IOException("cannot make the pipe " + silent);
        }
        Files.move(silent, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Ends that; who waited finds nothing. */
    public synchronized void answerAgain() throws IOException, InterruptedException {
        Path silent = file.resolveSibling(file.getFileName() + ".silent");
        Files.move(file, silent, StandardCopyOption.ATOMIC_MOVE);
        write();
        // Not by this process's own threads: should nobody wait there, the opening itself would.
        Process opener = new ProcessBuilder("sh", "-c", "exec 3<>\"$0\"", silent.toString()).start();
        if (opener.waitFor() != 0) {
            throw new IOException("cannot open the pipe " + silent);
        }
        Files.delete(silent);
    }

    private void write() throws IOException {
        StringBuilder lines = new StringBuilder();
        addresses.forEach((name, all) -> all.forEach(
                address -> lines.append(address).append(' ').append(name).append('\n')));
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(beside, lines);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
