/**
 * Rehearsals of what can go wrong between real processes: traffic flows, a fault is put in, it heals, and what was sent is
 * summed against what readers got and what they were told that they did not get.
 */
package io.loggregator.rehearsal;
