package io.loggregator.cli.report;

import java.util.List;

/**
 * A page for people.
 *
 * @param text whole lines
 * @param faults sentences about what cannot be, each of which makes the command fail
 */
public record Shown(String text, List<String> faults) {}
