package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.ToDoppler;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Traffic Controller that stops: clients go on elsewhere exactly where they were. */
class FarewellTest extends ControllerFixture {

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run").answering(false);
        controller = Controller.start(vertx, doppler);
    }

    /** What the Doppler was told about members, in its order. */
    private List<String> told() {
        List<String> told = new ArrayList<>();
        for (ToDoppler message : doppler.links().get(0).said()) {
            switch (message.getMessageCase()) {
                case WINDOW -> told.add("window " + message.getWindow().getBytes());
                case QUERY -> told.add("query");
                case CONFIRM ->
                    told.add("confirm " + message.getConfirm().getMembers(0).getSequence());
                case LEAVE -> told.add("leave");
                default -> {}
            }
        }
        return told;
    }

    @Test
    void whatIsUnderWayStillReachesAClientAndIsConfirmedBeforeItLeaves() {
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle");
        long member = doppler.member("nozzle");
        doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 10));
        client.received(10);

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(controller::stop);
        doppler.query();
        doppler.deliver(member, 2, Envelopes.logs("app", "line", 10, 500));
        doppler.answerNow();

        assertThat(client.awaitClose()).isEqualTo(new StreamClient.Close(1001, "this Traffic Controller stops"));
        stopped.join();
        assertThat(Envelopes.texts(client.received(500))).isEqualTo(Envelopes.texts("line", 0, 500));
        List<String> told = told();
        assertThat(told.indexOf("window 0")).isBetween(0, told.indexOf("query"));
        assertThat(told.indexOf("confirm 2")).isBetween(0, told.indexOf("leave"));
        assertThat(told.subList(told.size() - 2, told.size())).containsExactly("confirm 2", "leave");
        assertThat(doppler.links().get(0).closeCode()).isEqualTo((short) 1000);
    }

    @Test
    void aStopGoesOnWithAsManyQueriesUnderWayAsMayBe() {
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle");
        doppler.member("nozzle");
        HttpRequest recent = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + controller.port() + "/apps/app/recentlogs"))
                .build();
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < 100; i++) {
            var unused = http.sendAsync(recent, HttpResponse.BodyHandlers.discarding());
        }
        await().until(() -> doppler.queries().size() == 100);

        CompletableFuture<Void> stopped = CompletableFuture.runAsync(controller::stop);
        await().until(() -> doppler.query().getSourceId().isEmpty());
        doppler.answerNow();
        assertThat(client.awaitClose().code()).isEqualTo(1001);
        doppler.queries().forEach(query -> doppler.answer(query, true, List.of()));
        stopped.join();
    }

    @Test
    void aClientThatConfirmsNothingIsSentAwayAllTheSame() throws Exception {
        controller.close();
        controller = Controller.start(vertx, Controller.TIMING, Map.of("STOP_TIMEOUT", "400ms"), doppler);
        try (BareWebSocket mute = BareWebSocket.connect(controller.port(), "/firehose/nozzle")) {
            long member = doppler.member("nozzle");
            doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 10));
            await().until(() -> controller.metric("egress_total{endpoint=\"firehose\"}") == 10);
            controller.stop();
            FakeDoppler.Link link = doppler.links().get(doppler.links().size() - 1);
            assertThat(FakeDoppler.leaves(link)).containsExactly(member);
            assertThat(link.said()).noneMatch(ToDoppler::hasConfirm);
            assertThat(mute.readToEnd()).isEqualTo(10);
        }
    }

    @Test
    void anAppStreamHasWhatWasReceivedForItBeforeItsClose() {
        StreamClient client = Library.JDK.connect(vertx, controller.port(), "/apps/app/stream");
        await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
        doppler.tails(1, Envelopes.logs("app", "line", 0, 2_000));
        await().until(() -> controller.metric("egress_total{endpoint=\"stream\"}") == 2_000);

        controller.stop();

        assertThat(client.awaitClose().code()).isEqualTo(1001);
        assertThat(Envelopes.texts(client.received(2_000))).isEqualTo(Envelopes.texts("line", 0, 2_000));
    }

    @Test
    void aDopplerThatHasJustComeBackHearsOfClientsBeforeTheyLeave() {
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle");
        doppler.member("nozzle");
        doppler.stopListening();
        await().until(() -> controller.metric("doppler_links") == 0);
        doppler.answering(true);
        doppler.listenAgain();

        controller.stop();

        assertThat(client.awaitClose().code()).isEqualTo(1001);
        FakeDoppler.Link link = doppler.links().get(doppler.links().size() - 1);
        assertThat(FakeDoppler.joins(link)).hasSize(1);
        assertThat(FakeDoppler.leaves(link))
                .containsExactly(FakeDoppler.joins(link).get(0).getMember());
    }

    @Test
    void aLinkThatEndsMeanwhileIsNotWaitedFor() {
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle");
        doppler.member("nozzle");
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(controller::stop);
        doppler.query();
        doppler.breakLink();
        assertThat(client.awaitClose().code()).isEqualTo(1001);
        stopped.join();
    }
}
