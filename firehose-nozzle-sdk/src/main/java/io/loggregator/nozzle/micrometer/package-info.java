/** What Micrometer shows of a nozzle, in applications that have Micrometer; nothing else in the library needs it. */
package io.loggregator.nozzle.micrometer;
