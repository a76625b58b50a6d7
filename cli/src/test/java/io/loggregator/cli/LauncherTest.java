package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.process.ExitCodes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The script {@code ./loggregator}, copied into a source tree of the test's own, with Javas and Mavens that only tell
 * how they were called.
 */
@Timeout(90)
class LauncherTest {
    private static final String SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";

    private record Result(int status, String out, String err) {}

    @TempDir
    private Path temporary;

    private Path home;
    private Path launcher;
    private Path jar;

    @BeforeEach
    void makeASourceTree() throws IOException {
        home = Files.createDirectories(temporary.resolve("a home"));
        launcher = home.resolve("loggregator");
        Files.copy(Path.of("../loggregator"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
        Files.createDirectories(home.resolve("cli/src/main"));
        write(home.resolve("pom.xml"), "");
        jar = write(home.resolve("cli/target/loggregator.jar"), "jar");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
    }

    @Test
    void startsTheJavaOfJavaHomeWithTheJarAndTheArguments() throws Exception {
        Result result = run(Map.of("JAVA_HOME", jdk("17.0.9").toString()), "tail", "an app", "--max", "1");
        assertThat(result.status()).isZero();
        assertThat(result.out()).endsWith("<-jar><" + jar.toRealPath() + "><tail><an app><--max><1>\n");
        assertThat(result.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "doppler, 160m, 256m",
        "traffic-controller, 128m, 256m",
        "rlp, 128m, 256m",
        "demo, 64m, 512m",
        "tail, 64m, 128m",
        "ledger, 64m, 128m",
        "top, 64m, 128m"
    })
    void eachRoleHasItsMemory(String role, String first, String most) throws Exception {
        assertThat(run(Map.of("JAVA_HOME", jdk("17").toString()), role).out())
                .contains("<-Xms" + first + ">", "<-Xmx" + most + ">", "<-XX:+ExitOnOutOfMemoryError>");
    }

    @ParameterizedTest
    @CsvSource({
        "doppler, 2, -XX:FreqInlineSize=80, -XX:TieredStopAtLevel",
        "doppler, 1, -XX:FreqInlineSize=80, -XX:TieredStopAtLevel",
        "traffic-controller, 1, -XX:MaxNewSize=16m, Inline",
        "traffic-controller, 2, -XX:MaxNewSize=16m, -XX:TieredStopAtLevel",
        "rlp, 2, -XX:MaxNewSize=16m, Inline",
        "demo, 2, -XX:TieredStopAtLevel=1, Inline",
        "tail, 2, -XX:TieredStopAtLevel=1, Inline",
        "tail, 8, -XX:TieredStopAtLevel=1, Inline",
        "doppler, 4, -XX:MaxNewSize=16m, Inline",
        "demo, 4, -Xmx512m, TieredStopAtLevel",
    })
    void eachRoleHasTheCompilersThatPayForIt(String role, int processors, String has, String hasNot) throws Exception {
        Path bin = temporary.resolve("getconf-bin");
        executable(bin.resolve("getconf"), "echo " + processors + "\n");
        assertThat(run(
                                Map.of(
                                        "PATH",
                                        bin + ":" + SYSTEM_PATH,
                                        "JAVA_HOME",
                                        jdk("17").toString()),
                                role)
                        .out())
                .contains("<" + has + ">")
                .doesNotContain(hasNot);
    }

    @Test
    void theHeapCanBeAPartOfTheContainersMemory() throws Exception {
        Result result = run(Map.of("JAVA_HOME", jdk("17").toString(), "LOGGREGATOR_HEAP_PERCENT", "40"), "doppler");
        assertThat(result.out())
                .contains("<-XX:MinRAMPercentage=40>", "<-XX:MaxRAMPercentage=40>")
                .doesNotContain("-Xm");
    }

    @Test
    void aNozzleIsAJarOfItsOwn() throws Exception {
        Path nozzle = makeANozzle();
        Result result = run(Map.of("JAVA_HOME", jdk("17").toString()), "nozzle", "paper", "--check");
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).contains("<-Xmx256m>").endsWith("<-jar><" + nozzle.toRealPath() + "><--check>\n");
    }

    @Test
    void aNozzleThatIsMissingIsBuilt() throws Exception {
        Files.delete(makeANozzle());
        Result result = run(buildEnvironment("touch nozzles/paper/target/nozzle-paper.jar"), "nozzle", "paper");
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(Files.readString(home.resolve("mvn.args"))).contains("package", "-pl :nozzle-paper -am");
    }

    @Test
    void nozzlesAreListed() throws Exception {
        makeANozzle();
        assertThat(run(Map.of(), "nozzle").out())
                .contains("  paper        to paper\n")
                .doesNotContain("runner");
        assertThat(run(Map.of(), "nozzle", "--help").status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"scissors", "../paper", ".", "p*"})
    void aNozzleThatThereIsNotIsAnErrorOfUsage(String name) throws Exception {
        makeANozzle();
        Result result = run(Map.of(), "nozzle", name);
        assertThat(result.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("there is no nozzle '" + name + "'", "  paper ");
    }

    /** Its jar, newer than all else. */
    private Path makeANozzle() throws IOException {
        write(home.resolve("nozzles/runner/pom.xml"), "<description>shared</description>");
        write(
                home.resolve("nozzles/paper/pom.xml"),
                "<description>to paper</description>\n<nozzle.main>x.Paper</nozzle.main>\n");
        Path nozzle = write(home.resolve("nozzles/paper/target/nozzle-paper.jar"), "jar");
        Files.setLastModifiedTime(nozzle, FileTime.from(Instant.now().plusSeconds(60)));
        return nozzle;
    }

    @Test
    void rehearsalsAreAProgramBesideIt() throws Exception {
        executable(home.resolve("rehearsal/run"), "printf '<%s>' \"$0\" \"$@\"\n");
        assertThat(run(Map.of(), "rehearse", "--fault", "a fault").out())
                .isEqualTo("<" + home.toRealPath() + "/rehearsal/run><--fault><a fault>");
    }

    @Test
    void withoutSourcesThereIsNothingToRehearse() throws Exception {
        Result result = run(Map.of(), "rehearse");
        assertThat(result.status()).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(result.err()).contains("rehearsals need the sources");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "100", "half", "40%", "4 0"})
    void aPartThatIsNoneIsToldWithTheVariablesName(String wrong) throws Exception {
        Result result = run(Map.of("JAVA_HOME", jdk("17").toString(), "LOGGREGATOR_HEAP_PERCENT", wrong), "doppler");
        assertThat(result.status()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(result.err())
                .contains("LOGGREGATOR_HEAP_PERCENT must be a whole number from 1 to 99, not '" + wrong);
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"17.0.9, false", "21.0.1, false", "24, true", "25.0.3, true"})
    void memoryAccessIsAllowedWhereJavaWouldWarn(String version, boolean expected) throws Exception {
        boolean allowed = run(Map.of("JAVA_HOME", jdk(version).toString()), "tail")
                .out()
                .contains("<--sun-misc-unsafe-memory-access=allow>");
        assertThat(allowed).isEqualTo(expected);
    }

    @Test
    void extraFlagsComeAfterItsOwn() throws Exception {
        Result result =
                run(Map.of("JAVA_HOME", jdk("17").toString(), "LOGGREGATOR_JAVA_OPTS", "-Xmx1g -Da=b"), "doppler");
        assertThat(result.out()).contains("<-Xmx256m>").contains("<-Xmx1g><-Da=b><-jar>");
    }

    @Test
    void classDataOfThisJavaIsUsed() throws Exception {
        Path archive = write(home.resolve("cli/target/loggregator-java17-4.jsa"), "data");
        write(home.resolve("cli/target/loggregator-java21-5.jsa"), "other");
        Result result = run(Map.of("JAVA_HOME", jdk("17").toString(), "LOGGREGATOR_JAVA_OPTS", "-Da=b"), "doppler");
        assertThat(result.out())
                .contains("<-Xlog:cds=off><-Xlog:cds+dynamic=off><-XX:SharedArchiveFile=" + archive.toRealPath()
                        + "><-Da=b><-jar>");
        assertThat(result.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "loggregator-java17-5.jsa",
                "loggregator-java21-4.jsa",
                "loggregator-java17-.jsa",
                "loggregator-java17-4x.jsa",
                "loggregator-1.jsa.part",
            })
    void classDataThatWasCutOffOrIsOfAnotherJavaIsLeftAlone(String name) throws Exception {
        write(home.resolve("cli/target").resolve(name), "data");
        Result result = run(Map.of("JAVA_HOME", jdk("17").toString()), "doppler");
        assertThat(result.status()).isZero();
        assertThat(result.out()).doesNotContain("SharedArchiveFile");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void aNozzleHasNoClassData() throws Exception {
        makeANozzle();
        write(home.resolve("cli/target/loggregator-java17-4.jsa"), "data");
        assertThat(run(Map.of("JAVA_HOME", jdk("17").toString()), "nozzle", "paper")
                        .out())
                .doesNotContain("SharedArchiveFile");
    }

    @Test
    void classDataIsMadeWhenAskedFor() throws Exception {
        write(home.resolve("cli/target/loggregator-java17-3.jsa"), "old");
        Result result = run(Map.of("JAVA_HOME", jdk("17").toString()), "class-data");
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isEmpty();
        assertThat(home.resolve("cli/target"))
                .isDirectoryContaining("glob:**/loggregator-java17-5.jsa")
                .isDirectoryNotContaining("glob:**/{*-3.jsa,*.part,*.log}");
    }

    @Test
    void classDataThatCannotBeMadeIsToldAndLeavesNothing() throws Exception {
        Path broken = jdk("17.0.1");
        executable(broken.resolve("bin/java"), "echo 'no such thing'; exit 3\n");
        Result result = run(Map.of("JAVA_HOME", broken.toString()), "class-data");
        assertThat(result.status()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.err()).isEqualTo("""
                        no such thing
                        loggregator: the class data could not be made
                        """);
        assertThat(home.resolve("cli/target")).isDirectoryNotContaining("glob:**/*{.jsa,.part,.log}");
    }

    @Test
    void aJavaThatIsTooOldIsPassedOver() throws Exception {
        Path installed = temporary.resolve("jvm");
        jdk(installed.resolve("java-11"), "11.0.2");
        Path good = jdk(installed.resolve("java-21"), "21.0.2");
        Result result = run(
                Map.of(
                        "PATH", pathWithout("java"),
                        "JAVA_HOME", jdk("1.8.0_402").toString(),
                        "LOGGREGATOR_JVM_DIRECTORY", installed.toString()),
                "tail");
        assertThat(result.out()).startsWith(good.resolve("bin/java") + ":");
    }

    @Test
    void withoutAnyJavaItSaysWhatToInstall() throws Exception {
        Result result = run(
                Map.of(
                        "PATH", pathWithout("java"),
                        "JAVA_HOME", jdk("11.0.2").toString(),
                        "LOGGREGATOR_JVM_DIRECTORY", "/nonexistent"),
                "doppler");
        assertThat(result.status()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(result.err())
                .contains("needs Java 17 or later", "(Java 11)", "openjdk-17-jre-headless", "openjdk-17-jdk");
    }

    @Test
    void anEmptyEnvironmentIsEnough() throws Exception {
        List<String> command = List.of("env", "-i", "JAVA_HOME=" + jdk("17"), launcher.toString(), "x");
        Result result = run(new ProcessBuilder(command).directory(temporary.toFile()));
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.err()).isEmpty();
    }

    @Test
    void linksToItLeadHome() throws Exception {
        Path one = Files.createSymbolicLink(temporary.resolve("one link"), Path.of("a home/loggregator"));
        Path bin = Files.createDirectories(temporary.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("lg"), one);
        ProcessBuilder viaPath = new ProcessBuilder("sh", "-c", "lg version").directory(temporary.toFile());
        viaPath.environment().put("PATH", bin + ":" + SYSTEM_PATH);
        viaPath.environment().put("JAVA_HOME", jdk("17").toString());
        assertThat(run(viaPath).out()).contains("<" + jar.toRealPath() + ">");
    }

    @Test
    void toolsBuildWhatIsOutOfDateAndSayHowFarTheyAre() throws Exception {
        write(home.resolve("cli/src/main/New.java"), "class New {}");
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
        Result result = run(buildEnvironment("touch cli/target/loggregator.jar"), "tail");
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.err()).isEqualTo("""
                        loggregator: the sources have changed, building
                        loggregator:   building proto [1/2]
                        loggregator:   building cli [2/2]
                        loggregator:   making class data, for fast starts
                        """);
        assertThat(result.out()).contains("<-XX:SharedArchiveFile=").contains("<tail>");
        assertThat(Files.readString(home.resolve("mvn.args")))
                .contains("-DskipTests", "package", "-pl :loggregator -am");
        assertThat(run(buildEnvironment("exit 9"), "tail").err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"doppler", "traffic-controller", "rlp"})
    void serversTakeTheJarThereIs(String role) throws Exception {
        Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
        assertThat(run(buildEnvironment("exit 9"), role).status()).isZero();
    }

    @Test
    void aBuildThatFailsShowsTheEndOfItsLogAndWhereTheRestIs() throws Exception {
        Files.delete(jar);
        Result result = run(buildEnvironment("echo '[ERROR] a semicolon is missing'; exit 1"), "doppler");
        assertThat(result.status()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.err())
                .contains("[ERROR] a semicolon is missing")
                .endsWith("the build failed; all that Maven said is in " + home.toRealPath()
                        + "/.loggregator/build.log\n");
    }

    @Test
    void withoutFlockADirectoryIsTheLockAndOneLeftByTheDeadIsTakenAway() throws Exception {
        Files.delete(jar);
        Process dead = new ProcessBuilder("true").start();
        assertThat(dead.waitFor()).isZero();
        write(home.resolve(".loggregator/build.lock.d/pid"), dead.pid() + "\n");
        Map<String, String> environment = buildEnvironment("touch cli/target/loggregator.jar");
        Path maven = Path.of(environment.get("PATH").split(":")[0]);
        Result result = run(
                Map.of("PATH", maven + ":" + pathWithout("flock"), "JAVA_HOME", environment.get("JAVA_HOME")), "tail");
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(home.resolve(".loggregator/build.lock.d")).doesNotExist();
    }

    @Test
    void withoutMavenItSaysWhatToInstall() throws Exception {
        Files.delete(jar);
        Result result =
                run(Map.of("PATH", pathWithout("mvn"), "JAVA_HOME", jdk("17").toString()), "tail");
        assertThat(result.status()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(result.err()).contains("apt-get install maven openjdk-17-jdk");
    }

    @Test
    void withoutSourcesAMissingJarIsSaid() throws Exception {
        Files.delete(jar);
        Files.delete(home.resolve("pom.xml"));
        Result result = run(Map.of("JAVA_HOME", jdk("17").toString()), "tail");
        assertThat(result.status()).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(result.err()).contains("loggregator.jar is missing");
    }

    /** A Maven that names two modules and then does as told, in the source tree. */
    private Map<String, String> buildEnvironment(String thenDo) throws IOException {
        Path bin = temporary.resolve("maven-bin");
        executable(
                bin.resolve("mvn"),
                "echo \"$@\" > mvn.args\n"
                        + "echo '[INFO] Building proto 0.1.0-SNAPSHOT                 [1/2]'\n"
                        + "echo '[INFO] Building cli 0.1.0-SNAPSHOT                   [2/2]'\n"
                        + "mkdir -p cli/target\n" + thenDo + "\n");
        return Map.of("PATH", bin + ":" + SYSTEM_PATH, "JAVA_HOME", jdk("17").toString());
    }

    private Path jdk(String version) throws IOException {
        return jdk(temporary.resolve("jdk-" + version), version);
    }

    /** A JDK whose java prints its own path and each argument in brackets, and writes class data where it is told to. */
    private static Path jdk(Path directory, String version) throws IOException {
        executable(directory.resolve("bin/java"), """
                        for argument; do
                            case $argument in -XX:ArchiveClassesAtExit=*) echo data >"${argument#*=}" ;; esac
                        done
                        printf '%s:' "$0"; printf '<%s>' "$@"; echo
                        """);
        executable(directory.resolve("bin/javac"), "exit 0\n");
        write(directory.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        return directory;
    }

    /** A directory with what the script and a shell need, one program left out. */
    private String pathWithout(String program) throws IOException {
        Path bin = Files.createDirectories(temporary.resolve("without-" + program));
        List<String> needed = new ArrayList<>(List.of(
                "sh",
                "env",
                "readlink",
                "sed",
                "find",
                "mkdir",
                "cat",
                "rm",
                "mv",
                "tail",
                "touch",
                "wc",
                "sleep",
                "flock",
                "grep"));
        needed.remove(program);
        for (String name : needed) {
            for (String directory : SYSTEM_PATH.split(":")) {
                Path found = Path.of(directory, name);
                if (Files.exists(found) && !Files.exists(bin.resolve(name))) {
                    executable(bin.resolve(name), "exec " + found + " \"$@\"\n");
                }
            }
        }
        return bin.toString();
    }

    private Result run(Map<String, String> environment, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", launcher.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).directory(temporary.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", SYSTEM_PATH);
        builder.environment().putAll(environment);
        return run(builder);
    }

    private Result run(ProcessBuilder builder) throws IOException, InterruptedException {
        Path out = Files.createTempFile(temporary, "out", "");
        Path err = Files.createTempFile(temporary, "err", "");
        Process process =
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the script hangs; it said: " + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static void executable(Path file, String script) throws IOException {
        write(file, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text, StandardCharsets.UTF_8);
    }
}
