/**
 * One event loop's share of the Doppler: what comes in on its connections is checked, counted, remembered as the recent
 * past and put into its log, all on that loop.
 */
package io.loggregator.doppler.lane;
