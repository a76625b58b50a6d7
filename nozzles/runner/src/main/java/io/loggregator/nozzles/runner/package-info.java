/**
 * What the programs of all nozzles share: the command line and its help, settings from the environment or a file, where to
 * read from and as whom, log lines about how it goes, an orderly stop, exit codes. A nozzle is a {@link
 * io.loggregator.nozzles.runner.NozzleProgram}, whose main method calls {@link
 * io.loggregator.nozzles.runner.NozzleCommand#main}.
 */
package io.loggregator.nozzles.runner;
