package io.loggregator.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class ChartTest {
    @Test
    void equalRatiosAreEqualDistances() throws Exception {
        Chart chart = new Chart(List.of("one", "a < b & c"));
        chart.panel("tails", new double[] {10, 100, 1_000}, List.of(new double[] {1, 2, 4}, new double[] {8, 4, 2}));

        Document drawing = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));

        Element line = (Element) drawing.getElementsByTagName("polyline").item(0);
        double[][] points = points(line.getAttribute("points"));
        assertThat(points[1][0] - points[0][0]).isEqualTo(points[2][0] - points[1][0]);
        assertThat(points[0][1] - points[1][1]).isEqualTo(points[1][1] - points[2][1], offset());
        assertThat(points[0][1]).as("more is higher up").isGreaterThan(points[2][1]);
        assertThat(drawing.getElementsByTagName("polyline").getLength()).isEqualTo(2);
    }

    @Test
    void ticksAreAtOnesTwosAndFives() {
        assertThat(Chart.below(3.7)).isEqualTo(2);
        assertThat(Chart.below(50)).isEqualTo(50);
        assertThat(Chart.above(3.7)).isEqualTo(5);
        assertThat(Chart.above(70)).isEqualTo(100);
    }

    private static Offset<Double> offset() {
        // Places are rounded to a tenth.
        return within(0.15);
    }

    private static double[][] points(String text) {
        return Arrays.stream(text.split(" "))
                .map(point -> Arrays.stream(point.split(","))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toArray(double[][]::new);
    }
}
