/**
 * The authorities: who may read what. Each request's token is put to UAA, to the Cloud Controller or to keys that tokens
 * are signed with, as the settings say; positive answers are remembered for moments, negative ones never. Everything
 * here belongs to one event loop, which has connections and memory of its own. Tokens never reach a log, a metric or an
 * error. docs/security.md has the table of questions and answers.
 */
package io.loggregator.trafficcontroller.access;
