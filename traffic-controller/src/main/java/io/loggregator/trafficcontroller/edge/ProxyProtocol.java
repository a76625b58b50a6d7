package io.loggregator.trafficcontroller.edge;

/** Whether connections begin with a header of the PROXY protocol (version 1 or 2), before TLS. */
public enum ProxyProtocol {
    /** No: such a header is not known, and garbage like any other. */
    OFF,
    /** Those of trusted proxies may; it is found out for each connection by its first bytes. */
    ACCEPT,
    /** All must, and come from trusted proxies: there is no way around the load balancer. */
    REQUIRE
}
