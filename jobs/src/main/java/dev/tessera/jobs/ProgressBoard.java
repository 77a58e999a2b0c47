package dev.tessera.jobs;

import dev.tessera.reconstruct.Progress;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/**
 * Tells the person in front of the screen how far the run is: stage, done of total, time left. On a
 * terminal one line is rewritten; elsewhere a plain line is printed now and then. It is also where
 * engines report their steps when executors share the driver's JVM.
 */
public final class ProgressBoard implements AutoCloseable {
  private static final long TERMINAL_PERIOD_MILLIS = 250;
  private static final long PLAIN_PERIOD_MILLIS = 5_000;

  /** Steps of the chunks in work in this JVM; on a cluster's driver there are none. */
  private static final Map<Integer, String> CHUNK_STEPS = new ConcurrentSkipListMap<>();

  private final PrintStream out;
  private final boolean terminal;
  private final Thread ticker;
  private String stage = "";
  private String unit = "";
  private long total;
  private LongSupplier done;
  private long startedAt;
  private int shownLength;

  private ProgressBoard(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
    this.ticker = new Thread(this::tick, "progress");
    ticker.setDaemon(true);
    ticker.start();
  }

  /** Opens the board of this process. */
  public static ProgressBoard open(PrintStream out) {
    return new ProgressBoard(out, System.console() != null);
  }

  /** A listener for the engine at work on a chunk in this JVM. */
  static Progress ofChunk(int chunk) {
    return (step, stepDone, stepTotal) ->
        CHUNK_STEPS.put(chunk, "chunk %d: %s %d/%d".formatted(chunk, step, stepDone, stepTotal));
  }

  static void chunkDone(int chunk) {
    CHUNK_STEPS.remove(chunk);
  }

  /**
   * A stage starts.
   *
   * @param totalUnits 0 when it is not known
   * @param doneUnits asked from time to time
   */
  public synchronized void start(
      String stageName, String unitName, long totalUnits, LongSupplier doneUnits) {
    stage = stageName;
    unit = unitName;
    total = totalUnits;
    done = doneUnits;
    startedAt = System.nanoTime();
  }

  /** The stage is over; its line stays on the screen. */
  public synchronized void finish(String stageName, String summary, double seconds) {
    done = null;
    erase();
    out.printf("%-11s %s (%.1f s)%n", stageName, summary, seconds);
  }

  private void tick() {
    try {
      while (true) {
        Thread.sleep(terminal ? TERMINAL_PERIOD_MILLIS : PLAIN_PERIOD_MILLIS);
        show();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the board was closed
    }
  }

  private synchronized void show() {
    if (done == null) {
      return;
    }
    String line = line(done.getAsLong());
    erase();
    if (terminal) {
      out.print(line);
      shownLength = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  private void erase() {
    if (shownLength > 0) {
      out.print("\r" + " ".repeat(shownLength) + "\r");
      shownLength = 0;
    }
  }

  private String line(long units) {
    StringBuilder line = new StringBuilder("%-11s %d".formatted(stage, units));
    if (total > 0) {
      line.append('/').append(total);
    }
    line.append(' ').append(unit);
    double seconds = (System.nanoTime() - startedAt) / 1e9;
    if (units > 0 && units < total) {
      line.append(", about %.0f s left".formatted(seconds / units * (total - units)));
    } else {
      line.append(", %.0f s".formatted(seconds));
    }
    CHUNK_STEPS.values().forEach(step -> line.append("  [").append(step).append(']'));
    return line.toString();
  }

  @Override
  public synchronized void close() {
    erase();
    ticker.interrupt();
  }
}
