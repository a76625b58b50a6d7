package io.loggregator.node.process;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Handlers for operating system signals, by the JDK's {@code sun.misc.Signal}. It is the only way to exit with a code of
 * our own after SIGTERM and to hear a second Ctrl-C; reached by reflection because the compiler always warns about it.
 */
public final class Signals {
    private Signals() {}

    /**
     * Has the handler called, on a thread of its own, each time the signal comes.
     *
     * @param name without SIG, such as TERM
     * @return false where that is impossible: no such class or signal, or the JVM was told to leave signals alone (-Xrs)
     */
    public static boolean handle(String name, Runnable handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> signalHandler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler calls = (proxy, method, arguments) -> switch (method.getName()) {
                case "handle" -> {
                    handler.run();
                    yield null;
                }
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "handler of " + name;
            };
            Object proxy =
                    Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {signalHandler}, calls);
            signal.getMethod("handle", signal, signalHandler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
