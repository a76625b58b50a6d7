/**
 * Settings of a server: declared once as typed {@link io.loggregator.node.settings.Setting}s, read from the
 * environment and an optional file, and checked all together, so that a misconfigured server names every problem at
 * once instead of one per start. The same declarations render the settings reference and the help text.
 */
package io.loggregator.node.settings;
