/** The forms of v2 envelopes that readers ask for, rendered bytes to bytes: tags in one map or the other, and JSON. */
package io.loggregator.wire.v2;
