/** What operators are shown of running servers, from what their diagnostics ports say: who reads, and what is loud. */
package io.loggregator.cli.report;
