/**
 * The gateway port: {@code GET /v2/read}, by which clients read v2 envelopes as server-sent events, JSON, over HTTP/1.1
 * or HTTP/2. Everything here belongs to one event loop. What it serves and answers is described in {@code
 * docs/protocols.md}.
 */
package io.loggregator.trafficcontroller.gateway;
