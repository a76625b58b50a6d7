package io.loggregator.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

/** Which module knows which, and what each may stand on. */
@AnalyzeClasses(
        packages = {"io.loggregator", "org.cloudfoundry.loggregator", "org.cloudfoundry.dropsonde"},
        importOptions = {ImportOption.DoNotIncludeTests.class, ModulesTest.NotTheClientOfTheTests.class})
class ModulesTest {
    /** cf-java-client brings v1 messages of its own, in the package that ours are in. */
    static final class NotTheClientOfTheTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("cloudfoundry-client");
        }
    }

    /** Messages, the cursor, conversion, the link's frames: module proto. */
    private static final String[] PROTO = {
        "io.loggregator.wire..",
        "io.loggregator.link..",
        "io.loggregator.streaming..",
        "org.cloudfoundry.loggregator.v2..",
        "org.cloudfoundry.loggregator.plumbing..",
        "org.cloudfoundry.dropsonde.events.."
    };

    private static final String RPC = "io.loggregator.rpc..";
    private static final String STREAM = "io.loggregator.stream..";
    private static final String NODE = "io.loggregator.node..";
    private static final String[] PROCESS = {"io.loggregator.node.process..", "io.loggregator.node.settings.."};
    private static final String DOPPLER = "io.loggregator.doppler..";
    private static final String TRAFFIC_CONTROLLER = "io.loggregator.trafficcontroller..";
    private static final String NOZZLE = "io.loggregator.nozzle..";
    /** What applications with Micrometer see of a nozzle; it is an optional dependency. */
    private static final String METERS = "io.loggregator.nozzle.micrometer..";

    private static final String CLI = "io.loggregator.cli..";
    private static final String OURS = "io.loggregator..";

    /** Generated gRPC stubs share their package with the messages. */
    private static final String STUBS = ".*Grpc(\\$.*)?";

    @ArchTest
    static final ArchRule everyClassBelongsToAModule = classes()
            .should()
            .resideInAnyPackage(with(PROTO, RPC, STREAM, NODE, DOPPLER, TRAFFIC_CONTROLLER, NOZZLE, CLI));

    @ArchTest
    static final ArchRule protoStandsOnProtobufAndTheJdkAlone = classes()
            .that()
            .resideInAnyPackage(PROTO)
            .and()
            .haveNameNotMatching(STUBS)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(with(PROTO, "java..", "com.google.protobuf..")));

    @ArchTest
    static final ArchRule rpcKnowsProtoOnly = classes()
            .that()
            .resideInAPackage(RPC)
            .or()
            .haveNameMatching(STUBS)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(with(PROTO, RPC, "java..", "com.google..", "io.grpc..")));

    @ArchTest
    static final ArchRule streamKnowsProtoOnly = classes()
            .that()
            .resideInAPackage(STREAM)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(with(PROTO, STREAM, "java..", "com.google.protobuf..")));

    /** Nozzles stand on it, too, so it brings nothing of a server's along. */
    @ArchTest
    static final ArchRule processStandsOnLittle = classes()
            .that()
            .resideInAnyPackage(PROCESS)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(with(PROCESS, "java..", "org.snakeyaml..", "io.netty.util..")));

    @ArchTest
    static final ArchRule nodeKnowsNoneOfOurs = noClasses()
            .that()
            .resideInAPackage(NODE)
            .should()
            .dependOnClassesThat(resideInAnyPackage(with(PROTO, OURS)).and(not(resideInAnyPackage(NODE))));

    @ArchTest
    static final ArchRule dopplerKnowsNeitherTheTrafficControllerNorTheCommands = noClasses()
            .that()
            .resideInAPackage(DOPPLER)
            .should()
            .dependOnClassesThat(resideInAnyPackage(TRAFFIC_CONTROLLER, CLI));

    @ArchTest
    static final ArchRule trafficControllerKnowsNeitherTheDopplerNorTheCommands = noClasses()
            .that()
            .resideInAPackage(TRAFFIC_CONTROLLER)
            .should()
            .dependOnClassesThat(resideInAnyPackage(DOPPLER, CLI));

    @ArchTest
    static final ArchRule nozzlesNeedProtoAndLittleElse = classes()
            .that()
            .resideInAPackage(NOZZLE)
            .and()
            .resideOutsideOfPackage(METERS)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(with(
                    PROTO,
                    NOZZLE,
                    "java..",
                    "javax.net..",
                    "javax.security..",
                    "com.google.protobuf..",
                    // Its parser only, for what a UAA and an API answer.
                    "com.fasterxml.jackson.core..",
                    "org.slf4j..")));

    @ArchTest
    static final ArchRule metersNeedMicrometerAndTheNozzleAlone = classes()
            .that()
            .resideInAPackage(METERS)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(METERS, "io.loggregator.nozzle", "java..", "io.micrometer.core.instrument.."));

    @ArchTest
    static final ArchRule nobodyElseNeedsMicrometer = noClasses()
            .that()
            .resideOutsideOfPackage(METERS)
            .should()
            .dependOnClassesThat(resideInAnyPackage(METERS, "io.micrometer.."));

    @ArchTest
    static final ArchRule packagesOfOneModuleFormNoCycles =
            slices().matching("io.loggregator.(**)").should().beFreeOfCycles();

    /**
     * What Vert.x does not promise to keep. Each of these goes past its copies on the hot path, to its event loops, or before
     * its TLS.
     */
    @ArchTest
    static final ArchRule fewStandOnTheInsideOfVertx = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.loggregator.node.grpc.Loops")
            .and()
            .doNotHaveFullyQualifiedName("io.loggregator.doppler.link.LinkSocket")
            .and()
            .haveNameNotMatching("io\\.loggregator\\.trafficcontroller\\.edge\\.AcceptedFirst(\\$.*)?")
            .and()
            .doNotHaveFullyQualifiedName("io.loggregator.trafficcontroller.edge.Channels")
            .and()
            .doNotHaveFullyQualifiedName("io.loggregator.trafficcontroller.fanout.ClientSocket")
            .and()
            .doNotHaveFullyQualifiedName("io.loggregator.trafficcontroller.gateway.EventBuffer")
            .and()
            .doNotHaveFullyQualifiedName("io.loggregator.trafficcontroller.link.LinkSession")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.vertx.core.internal..", "io.vertx.core.impl.."));

    /**
     * It may be set at any time, so what is decided by time goes by {@code SteadyClock}. Each of these tells others the time,
     * or compares it with what others told.
     */
    @ArchTest
    static final ArchRule fewAskTheSystemsClock = noClasses()
            .that()
            .resideInAnyPackage(STREAM, DOPPLER, TRAFFIC_CONTROLLER)
            .and()
            .haveNameNotMatching(
                    ".*\\.(SteadyClock|OwnMetrics|LossNotice|LaneSide|RecentQuery|SourcesReport|LedgerReport"
                            + "|HeldBack|ToldLags|AppTail|Member|SseStream|HttpPort|Recheck(\\$.*)?|AccessOptions)")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC");

    @ArchTest
    static final ArchRule namesSayWhatAClassIsFor = noClasses()
            .that()
            .resideInAPackage(OURS)
            .should()
            .haveSimpleNameContaining("Util")
            .orShould()
            .haveSimpleNameContaining("Helper")
            .orShould()
            .haveSimpleNameContaining("Manager")
            .orShould()
            .haveSimpleNameContaining("Common");

    private static String[] with(String[] first, String... others) {
        String[] all = new String[first.length + others.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(others, 0, all, first.length, others.length);
        return all;
    }
}
