package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class in whose time a buffer was dropped without being released. Netty tells of such buffers when they
 * were collected as garbage; so at the end one is dropped on purpose, and once Netty tells of it, it has told of all.
 */
final class BufferLeaks implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        assertThat(ResourceLeakDetector.getLevel())
                .as("set by the build: -Dio.netty.leakDetection.level=paranoid")
                .isEqualTo(ResourceLeakDetector.Level.PARANOID);
        ByteBufUtil.setLeakListener((resourceType, records) -> LEAKS.add(records));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        String name = "dropped on purpose " + UUID.randomUUID();
        drop(name);
        await().until(() -> {
            System.gc();
            // Asking for another buffer makes the detector look.
            PooledByteBufAllocator.DEFAULT.buffer().release();
            return LEAKS.stream().anyMatch(leak -> leak.contains(name));
        });
        LEAKS.removeIf(leak -> leak.contains("dropped on purpose"));
        assertThat(LEAKS).as("buffers that were not released").isEmpty();
    }

    private static void drop(String name) {
        ByteBuf dropped = UnpooledByteBufAllocator.DEFAULT.directBuffer(16);
        dropped.touch(name);
    }
}
