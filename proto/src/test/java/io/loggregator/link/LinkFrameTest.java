package io.loggregator.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LinkFrameTest {
    @Property
    void aMessageIsItsHeaderAndItsBatch(@ForAll long end, @ForAll byte[] batch) throws Exception {
        ToTrafficController header = ToTrafficController.newBuilder()
                .setBatch(Batch.newBuilder().setEnd(end))
                .build();
        byte[] message = LinkFrame.encode(header, batch, 0, batch.length);
        assertThat(LinkFrame.toTrafficController(message)).isEqualTo(header);
        assertThat(Arrays.copyOfRange(message, LinkFrame.headerEnd(message), message.length))
                .isEqualTo(batch);
    }

    @Test
    void aHeaderMayBeLong() throws Exception {
        ToDoppler header = ToDoppler.newBuilder()
                .setHello(Hello.newBuilder().setTrafficController("x".repeat(300)))
                .build();
        byte[] message = LinkFrame.encode(header);
        assertThat(message).hasSize(header.getSerializedSize() + 2);
        assertThat(LinkFrame.toDoppler(message)).isEqualTo(header);
        assertThat(LinkFrame.headerEnd(message)).isEqualTo(message.length);
    }

    @Test
    void onlyTheGivenRangeOfTheBatchIsTaken() throws Exception {
        byte[] message = LinkFrame.encode(ToDoppler.getDefaultInstance(), new byte[] {1, 2, 3, 4}, 1, 3);
        assertThat(message).containsExactly(0, 2, 3);
        assertThatThrownBy(() -> LinkFrame.encode(ToDoppler.getDefaultInstance(), new byte[2], 1, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aLengthBeyondTheMessageIsRefused() {
        byte[][] broken = {{}, {1}, {-1, -1, -1, -1, 7}, {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1}, {-1}};
        for (byte[] message : broken) {
            assertThatThrownBy(() -> LinkFrame.headerEnd(message))
                    .as(Arrays.toString(message))
                    .isInstanceOf(InvalidProtocolBufferException.class);
        }
    }

    @Property
    void anyBytesAreReadOrRefused(@ForAll byte[] message) {
        try {
            assertThat(LinkFrame.toDoppler(message)).isNotNull();
            assertThat(LinkFrame.headerEnd(message)).isBetween(1, message.length);
        } catch (InvalidProtocolBufferException e) {
            assertThat(e).hasMessageMatching("(?s).+");
        }
    }
}
