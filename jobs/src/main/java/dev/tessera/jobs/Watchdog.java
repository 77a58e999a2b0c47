package dev.tessera.jobs;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
    CountDownLatch ended = new CountDownLatch(1);
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              try {
                return call.call();
              } finally {
                ended.countDown();
              }
            });
    Thread thread = new Thread(task, Thread.currentThread().getName() + ", watched");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      task.cancel(true);
      throw new TookTooLongException(ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      task.cancel(true);
      if (!endsSoon(ended)) {
        throw new GoesOnException();
      }
      throw e;
    } catch (ExecutionException e) {
      throw cause(e);
    }
  }

  /** Whether the call ends before the patience does, or a second interrupt of the caller. */
  private static boolean endsSoon(CountDownLatch ended) {
    try {
      return ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static Exception cause(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return (Exception) e.getCause();
  }
}
