package io.loggregator.rehearsal;

import io.loggregator.rehearsal.network.Host;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Place;
import java.io.IOException;
import java.time.Duration;

/**
 * A Doppler's host and a Traffic Controller's do not reach each other for a while, or one does not reach the other; both
 * reach everybody else.
 *
 * @param deafDoppler what the Traffic Controller sends does not arrive
 * @param deafTrafficController what the Doppler sends does not
 */
record HostsParted(boolean deafDoppler, boolean deafTrafficController, Duration time) implements Rehearsal.Action {
    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        Host doppler = stage.hosts().host(Place.doppler(Stage.VICTIM));
        Host trafficController = stage.hosts().host(Place.trafficController(Stage.VICTIM));
        long lost = 0;
        try {
            if (deafDoppler) {
                doppler.deafTo(trafficController);
            }
            if (deafTrafficController) {
                trafficController.deafTo(doppler);
            }
            stage.holdLinks(time);
            HostsFail.awaitLeft(stage.nodes(), HostsFail.WITHOUT_ONE, Nodes.LINKS);
        } finally {
            lost += deafDoppler ? doppler.hear() : 0;
            lost += deafTrafficController ? trafficController.hear() : 0;
        }
        if (lost == 0) {
            throw new IOException("no packet was lost");
        }
        stage.nodes().awaitLinks();
        stage.tell(lost + " packets lost");
    }
}
