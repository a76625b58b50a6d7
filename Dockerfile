# One image for every role and nozzle: docker build -t loggregator . && docker run --rm loggregator doppler --help
# Any image will do as a base that has Maven and a JDK 17 or later (BUILD_IMAGE), or a Java 17 or later and bash
# (RUNTIME_IMAGE). MAVEN_FLAGS go to Maven, such as "-o" where the base brings the libraries along.
ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-17
ARG RUNTIME_IMAGE=eclipse-temurin:17-jre

FROM ${BUILD_IMAGE} AS build
ARG MAVEN_FLAGS=
ENV LANG=C.UTF-8
WORKDIR /src
COPY . .
RUN mvn -B -ntp -Dmaven.test.skip=true ${MAVEN_FLAGS} package -pl '!:benchmarks,!:rehearsal,!:fuzzing,!:nozzle-endtoend'
RUN for nozzle in nozzles/*; do \
        jar=$nozzle/target/nozzle-${nozzle##*/}.jar; \
        if grep -q '<nozzle.main>' "$nozzle/pom.xml" 2>/dev/null; then install -D -m 644 "$jar" "/jars/$jar"; fi; \
    done
# Native transport and TLS: unpacked here, because a container may have no place that a library can be loaded from.
RUN mkdir /native && cd /native && jar -xf /src/cli/target/loggregator.jar META-INF/native \
    && mv META-INF/native/*.so . && rm -r META-INF

FROM ${RUNTIME_IMAGE}
# A volume that is mounted there for the first time belongs to the user that the program runs as.
RUN mkdir /certs /nozzle /secrets && chown 10001:10001 /certs /nozzle /secrets
COPY --from=build /native /opt/loggregator/native
COPY deploy/container/healthy /opt/loggregator/healthy
COPY --from=build /src/cli/target/loggregator.jar /opt/loggregator/cli/target/loggregator.jar
COPY --from=build /jars /opt/loggregator
COPY loggregator /opt/loggregator/loggregator
# Of the container's memory 40 percent are the heap; as much again may be direct memory, the rest is the JVM's own.
ENV LANG=C.UTF-8 LD_LIBRARY_PATH=/opt/loggregator/native LOGGREGATOR_HEAP_PERCENT=40
# For fast starts: what starts load, written down by the very Java that is to read it.
RUN /opt/loggregator/loggregator class-data
USER 10001:10001
EXPOSE 8081 8082 8083
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/loggregator/healthy"]
# The launcher becomes the JVM, so the server itself is process 1 and gets the signals.
ENTRYPOINT ["/opt/loggregator/loggregator"]
CMD ["--help"]
