package io.loggregator.benchmarks.process;

/**
 * CPU time of a process.
 *
 * @param total seconds of all threads, those that have ended too
 * @param compiler of these, by HotSpot's compiler threads
 * @param collector of these, by threads that collect garbage
 */
public record Cpu(double total, double compiler, double collector) {
    /** What was used since an earlier reading. */
    public Cpu since(Cpu earlier) {
        return new Cpu(total - earlier.total, compiler - earlier.compiler, collector - earlier.collector);
    }

    /** This and more. */
    public Cpu plus(Cpu more) {
        return new Cpu(total + more.total, compiler + more.compiler, collector + more.collector);
    }

    /** What the process used for its work, compilers apart. */
    public double work() {
        return total - compiler;
    }
}
