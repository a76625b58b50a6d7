/** Sample traffic that looks like a small Cloud Foundry: a handful of apps, their router, their containers. */
package io.loggregator.cli.traffic;
