package dev.tessera.jobs;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Ends calls that take too long: by an interrupt, or, if they do not obey, by not waiting on. */
final class Watchdog {
  /** Time to obey: native code looks at interrupts only when it comes back. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Watchdog() {}

  /** The call took longer than it may. */
  static final class TookTooLongException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean obeyed;

    private TookTooLongException(boolean obeyed) {
      super("The call took too long");
      this.obeyed = obeyed;
    }

    /** Whether the call has ended since; if not, its thread goes on and holds what it holds. */
    boolean obeyed() {
      return obeyed;
    }
  }

  /**
   * The caller is to stop, and the call does not obey: its thread goes on and holds what it holds.
   */
  static final class GoesOnException extends InterruptedException {
    private static final long serialVersionUID = 1L;

    private GoesOnException() {
      super("The call was interrupted and did not end");
    }
  }

  /**
   * What the call returns or throws.
   *
   * @param limit zero for none
   * @throws TookTooLongException if it has done neither when the time is over
   * @throws InterruptedException if the caller is to stop and the call has been; {@link
   *     GoesOnException} if it could not be
   */
  static <T> T within(Duration limit, Callable<T> call) throws Exception {
    if (limit.isZero()) {
      return call.call();
    }
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = new Thread(task, Thread.currentThread().getName() + ", watched");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      throw new TookTooLongException(endsSoon(thread));
    } catch (InterruptedException e) {
      task.cancel(true);
      if (!endsSoon(thread)) {
        throw new GoesOnException();
      }
      throw e;
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  /** Whether the call's thread ends before the patience does; an interrupt ends that at once. */
  private static boolean endsSoon(Thread thread) {
    try {
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  private static Exception cause(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return (Exception) e.getCause();
  }
}
