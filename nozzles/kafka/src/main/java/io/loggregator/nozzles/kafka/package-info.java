/** The nozzle for Kafka: every envelope becomes a record of one topic, and is acknowledged when the brokers have it. */
package io.loggregator.nozzles.kafka;
