package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Reading;
import io.loggregator.trafficcontroller.subscription.Readings;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A fan-out that hands over what a test says. */
final class FakeReadings implements Readings {
    final BlockingQueue<Fed> opened = new LinkedBlockingQueue<>();

    @Override
    public Reading open(Subscription subscription, Form form, Reader reader) {
        Fed fed = new Fed(subscription, form, reader, Vertx.currentContext());
        opened.add(fed);
        return fed;
    }

    Fed next() throws InterruptedException {
        Fed fed = opened.poll(20, TimeUnit.SECONDS);
        if (fed == null) {
            throw new AssertionError("nobody reads");
        }
        return fed;
    }

    /** One reader, and what it said. */
    static final class Fed implements Reading {
        final Subscription subscription;
        final Form form;
        final Reader reader;
        final BlockingQueue<Long> confirmed = new LinkedBlockingQueue<>();
        final BlockingQueue<String> rooms = new LinkedBlockingQueue<>();
        final CompletableFuture<Void> closed = new CompletableFuture<>();
        private final Context context;
        private long mark;

        Fed(Subscription subscription, Form form, Reader reader, Context context) {
            this.subscription = subscription;
            this.form = form;
            this.reader = reader;
            this.context = context;
        }

        /** Does something in one turn of the event loop. */
        void turn(Consumer<Fed> actions) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            context.runOnContext(turn -> {
                try {
                    actions.accept(this);
                    done.complete(null);
                } catch (Throwable failed) {
                    done.completeExceptionally(failed);
                }
            });
            done.orTimeout(20, TimeUnit.SECONDS).join();
        }

        void take(String objects, int envelopes, int heldBack) {
            take(Unpooled.copiedBuffer(objects, StandardCharsets.UTF_8), envelopes, heldBack);
        }

        void take(ByteBuf objects, int envelopes, int heldBack) {
            reader.take(new Piece(++mark, envelopes, objects, heldBack));
        }

        void lose(long count) {
            reader.take(new Loss(++mark, count, count, 1_000, 2_000, "lapped"));
        }

        @Override
        public void room() {
            rooms.add("room");
        }

        @Override
        public void confirm(long upTo) {
            confirmed.add(upTo);
        }

        @Override
        public String position() {
            return "at-" + mark;
        }

        @Override
        public Pace pace() {
            return new Pace(120, 5_300);
        }

        @Override
        public void close() {
            closed.complete(null);
        }
    }
}
