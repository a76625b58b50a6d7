/**
 * What every process of ours does alike, a server or a nozzle: how it hears signals, and with which code it exits. Depends
 * on nothing but the JDK.
 */
package io.loggregator.node.process;
