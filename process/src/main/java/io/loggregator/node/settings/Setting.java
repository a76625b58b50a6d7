package io.loggregator.node.settings;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The declaration of one setting: its name (the environment variable, and the key in a settings file), what values it
 * takes, its default and what it is for. Immutable; identity is the name.
 *
 * <p>The factories refuse a default that the setting itself would not take with {@link IllegalArgumentException}: that
 * is a mistake in the program, not in the configuration.
 *
 * @param <T> the type of the value; {@link Void} for an obsolete setting, which has none
 */
public final class Setting<T> {
    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?[0-9]{1,18}");
    private static final String ALL_ADDRESSES = "0.0.0.0";

    private final String name;
    private final String type;
    private final String expectation;
    private final String help;
    private final T defaultValue;
    private final String defaultText;
    private final Function<String, T> parser;
    private final Mode mode;
    private final boolean secret;
    private final boolean told;

    private enum Mode {
        OPTIONAL,
        REQUIRED,
        OBSOLETE
    }

    private Setting(
            String name,
            String type,
            String expectation,
            String help,
            T defaultValue,
            String defaultText,
            Function<String, T> parser,
            Mode mode,
            boolean secret,
            boolean told) {
        this.name = Objects.requireNonNull(name, "name");
        this.type = type;
        this.expectation = expectation;
        this.help = Objects.requireNonNull(help, "help");
        this.defaultValue = defaultValue;
        this.defaultText = defaultText;
        this.parser = parser;
        this.mode = mode;
        this.secret = secret;
        this.told = told;
    }

    private static <T> Setting<T> of(
            String name, String type, String expectation, String help, String defaultText, Function<String, T> parser) {
        T value = null;
        if (defaultText != null) {
            try {
                value = parser.apply(defaultText);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "the default of " + name + " is \"" + defaultText + "\" but must be " + expectation, e);
            }
        }
        return new Setting<>(name, type, expectation, help, value, defaultText, parser, Mode.OPTIONAL, false, false);
    }

    /** Any text, taken as it stands, white space included. The default may be null: none. */
    public static Setting<String> text(String name, String defaultOrNull, String help) {
        return of(name, "text", "some text", help, defaultOrNull, Function.identity());
    }

    /** A TCP port, 0 to 65535; 0 stands for any free port. */
    public static Setting<Integer> port(String name, int defaultPort, String help) {
        return of(name, "port", "a port, 0 to 65535", help, Integer.toString(defaultPort), text ->
                (int) within(number(text), 0, 65_535));
    }

    /** A port that is not opened unless it is given. */
    public static Setting<Integer> optionalPort(String name, String help) {
        return of(name, "port", "a port, 0 to 65535", help, null, text -> (int) within(number(text), 0, 65_535));
    }

    /** A whole number from {@code min} to {@code max}, both included. */
    public static Setting<Integer> integer(String name, int defaultValue, int min, int max, String help) {
        return of(name, "number", "a whole number, " + min + " to " + max, help, Integer.toString(defaultValue), text ->
                (int) within(number(text), min, max));
    }

    /**
     * A size in bytes from {@code min} to {@code max}, both included. Written as a plain number of bytes, {@code 64MiB}
     * or {@code 64M} (64 × 1024²), or {@code 64MB} (64 × 1000²); units K, M, G, T in any case.
     */
    public static Setting<Long> bytes(String name, long defaultValue, long min, long max, String help) {
        return of(
                name,
                "size",
                "a size such as 67108864, 64MiB (= 64M) or 64MB (decimal), " + ByteSizes.format(min) + " to "
                        + ByteSizes.format(max),
                help,
                ByteSizes.format(defaultValue),
                text -> within(ByteSizes.parse(text.strip()), min, max));
    }

    /**
     * A duration from {@code min} to {@code max}, both included, in Go's notation: {@code 30s}, {@code 1m30s},
     * {@code 500ms}, {@code 0}.
     */
    public static Setting<Duration> duration(
            String name, Duration defaultValue, Duration min, Duration max, String help) {
        return of(
                name,
                "duration",
                "a duration such as 30s, 1m30s or 500ms, " + GoDurations.format(min) + " to " + GoDurations.format(max),
                help,
                GoDurations.format(defaultValue),
                text -> within(GoDurations.parse(text.strip()), min, max));
    }

    /** True or false: {@code true}, {@code t}, {@code 1} or {@code false}, {@code f}, {@code 0}, in any case. */
    public static Setting<Boolean> flag(String name, boolean defaultValue, String help) {
        return of(
                name,
                "true/false",
                "true or false (also t, f, 1, 0)",
                help,
                Boolean.toString(defaultValue),
                Setting::truth);
    }

    /** A file that can be read when the server starts; there is no default. */
    public static Setting<Path> file(String name, String help) {
        return of(name, "file", "a file that exists and can be read", help, null, Setting::readable);
    }

    /** One peer to connect to, {@code host:port}; an IPv6 address in brackets; the port from 1. There is no default. */
    public static Setting<HostPort> address(String name, String help) {
        return of(name, "address", "host:port, such as 127.0.0.1:3458 or [::1]:3458", help, null, text -> {
            List<HostPort> peers = peers(text);
            if (peers.size() != 1) {
                throw new IllegalArgumentException(text);
            }
            return peers.get(0);
        });
    }

    /**
     * Peers to connect to: one or more {@code host:port}, separated by commas; an IPv6 address in brackets; ports from
     * 1. The default is written the same way, or null for none.
     */
    public static Setting<List<HostPort>> addresses(String name, String defaultOrNull, String help) {
        return of(
                name,
                "addresses",
                "host:port, separated by commas, such as doppler:8083 or [::1]:8083",
                help,
                defaultOrNull,
                Setting::peers);
    }

    /** Names, separated by commas. There is no default. */
    public static Setting<List<String>> names(String name, String help) {
        return of(name, "names", "one or more names, separated by commas", help, null, Setting::nameList);
    }

    /**
     * Where a server is asked by HTTP: {@code https://host:port/path} or {@code http://...}, without user, query and
     * fragment; a slash at the end is left out. There is no default.
     */
    public static Setting<URI> url(String name, String help) {
        return of(name, "URL", "a URL such as https://uaa.example.org:8443", help, null, Setting::server);
    }

    /** Ranges of addresses, separated by commas: {@code 10.0.0.0/8,fd00::/8}, or single addresses. There is no default. */
    public static Setting<List<Network>> networks(String name, String help) {
        return of(
                name,
                "networks",
                "addresses or networks, separated by commas, such as 10.0.0.0/8,fd00::/8",
                help,
                null,
                text -> List.of(text.split(",", -1)).stream()
                        .map(part -> Network.parse(part.strip()))
                        .toList());
    }

    /** One of the constants of an enum, written in lower case; read in any case. */
    public static <E extends Enum<E>> Setting<E> choice(String name, E defaultValue, String help) {
        Class<E> choices = defaultValue.getDeclaringClass();
        String words = Stream.of(choices.getEnumConstants()).map(Setting::word).collect(Collectors.joining(", "));
        return of(
                name,
                "choice",
                "one of " + words,
                help,
                word(defaultValue),
                text -> Enum.valueOf(choices, text.strip().toUpperCase(Locale.ROOT)));
    }

    /** A file that is written to; it need not be there yet, but its directory must. There is no default. */
    public static Setting<Path> fileToWrite(String name, String help) {
        return of(
                name, "file", "a file that can be written, in a directory that exists", help, null, Setting::writable);
    }

    /**
     * An address to listen on: {@code host:port}, or {@code :port} for all IPv4 addresses (host {@code 0.0.0.0});
     * port 0 stands for any free one. The default is written the same way, or null for none.
     */
    public static Setting<HostPort> listen(String name, String defaultOrNull, String help) {
        return of(
                name,
                "address",
                "host:port, or :port for all addresses",
                help,
                defaultOrNull,
                text -> HostPort.parse(text.strip(), ALL_ADDRESSES));
    }

    /** A setting that once had a meaning: giving it is no error but yields a warning that says why it has no effect. */
    public static Setting<Void> obsolete(String name, String why) {
        return new Setting<>(name, "obsolete", "nothing", why, null, null, text -> null, Mode.OBSOLETE, false, false);
    }

    /** The same setting, but leaving it out is a problem. A default then no longer applies. */
    public Setting<T> required() {
        if (mode == Mode.OBSOLETE) {
            throw new IllegalArgumentException(name + " is obsolete and cannot be required");
        }
        return new Setting<>(name, type, expectation, help, null, null, parser, Mode.REQUIRED, secret, false);
    }

    /** The same setting, its default told in words: for one that depends on the machine. */
    public Setting<T> withDefaultTold(String words) {
        return new Setting<>(name, type, expectation, help, defaultValue, words, parser, mode, secret, true);
    }

    /** The same setting, but its value is never shown, neither in problems nor in the reference. */
    public Setting<T> secret() {
        return new Setting<>(name, type, expectation, help, defaultValue, defaultText, parser, mode, true, told);
    }

    /** The same setting, but told in other words: for another server that has it, too. */
    public Setting<T> withHelp(String words) {
        return new Setting<>(name, type, expectation, words, defaultValue, defaultText, parser, mode, secret, told);
    }

    /** The environment variable. */
    public String name() {
        return name;
    }

    /** What kind of value it takes, in a word. */
    public String type() {
        return type;
    }

    /** What a value must be like, to follow "expected:". */
    public String expectation() {
        return expectation;
    }

    /** What the setting is for; why it has no effect if it is obsolete. */
    public String help() {
        return help;
    }

    /** The value when none is given. */
    public Optional<T> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** The default as one would write it, or in words where it depends on the machine; empty without a default and for secrets. */
    public Optional<String> defaultText() {
        return secret ? Optional.empty() : Optional.ofNullable(defaultText);
    }

    /** Whether {@link #defaultText()} is words instead of a value. */
    boolean isDefaultTold() {
        return told;
    }

    public boolean isRequired() {
        return mode == Mode.REQUIRED;
    }

    public boolean isSecret() {
        return secret;
    }

    public boolean isObsolete() {
        return mode == Mode.OBSOLETE;
    }

    /** Reads a value; {@link IllegalArgumentException} when it is not as expected. */
    T parse(String text) {
        return parser.apply(text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Setting<?> that && that.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }

    private static long number(String text) {
        String digits = text.strip();
        if (!WHOLE_NUMBER.matcher(digits).matches()) {
            throw new IllegalArgumentException("not a number");
        }
        return Long.parseLong(digits);
    }

    private static long within(long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("out of range");
        }
        return value;
    }

    private static Duration within(Duration value, Duration min, Duration max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException("out of range");
        }
        return value;
    }

    private static boolean truth(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "t", "1" -> true;
            case "false", "f", "0" -> false;
            default -> throw new IllegalArgumentException("not true or false");
        };
    }

    private static Path readable(String text) {
        Path path = Path.of(text);
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new IllegalArgumentException("not a readable file");
        }
        return path;
    }

    private static URI server(String text) {
        String stripped = text.strip();
        URI url = URI.create(stripped.endsWith("/") ? stripped.substring(0, stripped.length() - 1) : stripped);
        boolean http = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
        if (!http || url.getHost() == null) {
            throw new IllegalArgumentException("not a URL of a server");
        }
        if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
            throw new IllegalArgumentException("more than scheme, host, port and path");
        }
        return url;
    }

    private static List<String> nameList(String text) {
        List<String> names =
                List.of(text.split(",", -1)).stream().map(String::strip).toList();
        if (names.contains("")) {
            throw new IllegalArgumentException("an empty name");
        }
        return names;
    }

    private static Path writable(String text) {
        Path path = Path.of(text).toAbsolutePath();
        boolean fits = Files.exists(path)
                ? Files.isWritable(path) && !Files.isDirectory(path)
                : Files.isDirectory(path.getParent()) && Files.isWritable(path.getParent());
        if (!fits) {
            throw new IllegalArgumentException("not a file to write");
        }
        return path;
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static List<HostPort> peers(String text) {
        return List.of(text.split(",", -1)).stream()
                .map(part -> HostPort.parse(part.strip()))
                .peek(peer -> within(peer.port(), 1, 65_535))
                .toList();
    }
}
