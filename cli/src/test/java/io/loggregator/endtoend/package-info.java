/**
 * Whole servers, over real sockets: in this process for clients of other makers, and as processes of their own, several of
 * each role, for what happens between them and when one of them dies.
 */
package io.loggregator.endtoend;
