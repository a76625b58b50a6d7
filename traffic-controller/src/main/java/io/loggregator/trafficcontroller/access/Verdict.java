package io.loggregator.trafficcontroller.access;

import java.time.Clock;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * What an authority says to a {@link Question}.
 *
 * @param why for the operator's log, with nothing secret in it; empty if allowed
 * @param expires when the token stops being valid, as far as the authority told; {@link Instant#MAX} if it did not
 * @param othersMayAllow whether another authority may allow some of what this one did not
 */
record Verdict(Outcome outcome, String why, Instant expires, boolean othersMayAllow) {
    private static final int LONGEST = 200;
    /** What could be a token, or a piece of one. */
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9._~+/=-]{24,}");

    /** The kinds of answers. In lower case, the names are what the counter is told. */
    enum Outcome {
        ALLOWED,
        /** Not a token that the authority knows, or not any more. */
        INVALID,
        /** A token that was good until it expired. */
        EXPIRED,
        /** A good token, but not for this. */
        FORBIDDEN,
        /** A good token, perhaps for this, but nothing is known of what it asks for. */
        NOT_FOUND,
        /** The authority could not be asked, or gave no answer that makes sense. */
        UNKNOWN
    }

    static Verdict allowed(Instant expires) {
        return new Verdict(Outcome.ALLOWED, "", expires, false);
    }

    static Verdict refused(Outcome outcome, String why) {
        return new Verdict(outcome, why, Instant.MAX, outcome != Outcome.UNKNOWN);
    }

    static Verdict unknown(String why) {
        return refused(Outcome.UNKNOWN, why);
    }

    /** The authority itself answered, but with an error that says nothing of the token. */
    static Verdict undecided(String why) {
        return new Verdict(Outcome.UNKNOWN, why, Instant.MAX, true);
    }

    /** Of two that allow, the one that ends first; else this one if it refuses, or the other. */
    Verdict and(Verdict other) {
        return outcome != Outcome.ALLOWED || (other.outcome == Outcome.ALLOWED && expires.isBefore(other.expires))
                ? this
                : other;
    }

    /**
     * Whether it takes away what was allowed before. A token that has only become too old takes nothing away; where it
     * cannot be known how old a token may become, only a refusal of access, not one of the token, counts.
     *
     * @param until when the token that was allowed ends
     */
    boolean takenAway(Instant until, Clock clock) {
        boolean tooOld = !clock.instant().isBefore(until);
        boolean taken = outcome == Outcome.FORBIDDEN || (outcome == Outcome.INVALID && !until.equals(Instant.MAX));
        return taken && !tooOld;
    }

    /** What somebody else wrote, made fit for a log: printable, short, without anything that could be a token. */
    static String quoted(String text) {
        String harmless = SECRET.matcher(text.replaceAll("[^ -~]", "?")).replaceAll("...");
        return harmless.length() > LONGEST ? harmless.substring(0, LONGEST) + "..." : harmless;
    }
}
