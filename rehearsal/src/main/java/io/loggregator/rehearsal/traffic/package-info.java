/** Who sends and who reads during a rehearsal: both go on whatever happens, and know what they sent and what they got. */
package io.loggregator.rehearsal.traffic;
