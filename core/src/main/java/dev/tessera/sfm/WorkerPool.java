package dev.tessera.sfm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fixed number of daemon threads, shared by all callers. Work is handed out by index, so whoever
 * writes result i to slot i gets the same results for any number of threads.
 */
public final class WorkerPool implements AutoCloseable {
  private final int threads;
  private final ExecutorService executor;

  public WorkerPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("Worker pool needs at least one thread, was " + threads);
    }
    this.threads = threads;
    AtomicInteger counter = new AtomicInteger();
    this.executor =
        Executors.newFixedThreadPool(
            threads,
            work -> {
              Thread thread = new Thread(work, "worker-" + counter.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** What is done for one index; checked exceptions are passed on to the caller. */
  @FunctionalInterface
  public interface IndexedWork {
    void at(int index) throws Exception;
  }

  public int threads() {
    return threads;
  }

  /**
   * Does the work for 0 to {@code count - 1} on the pool's threads and waits for the end. Items
   * must not call this method themselves.
   *
   * @throws CompletionException around the first exception that an item threw; items that were not
   *     begun by then are left out
   */
  public void forEach(int count, IndexedWork work) {
    AtomicInteger next = new AtomicInteger();
    int workers = Math.min(threads, count);
    List<Future<?>> running = new ArrayList<>(workers);
    for (int w = 0; w < workers; w++) {
      running.add(executor.submit(() -> drain(next, count, work)));
    }
    Throwable failure = null;
    for (Future<?> worker : running) {
      try {
        worker.get();
      } catch (ExecutionException e) {
        failure = failure == null ? e.getCause() : failure;
      } catch (InterruptedException e) {
        next.set(count);
        Thread.currentThread().interrupt();
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure instanceof CompletionException c ? c : new CompletionException(failure);
    }
  }

  private static Void drain(AtomicInteger next, int count, IndexedWork work) throws Exception {
    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
      try {
        work.at(i);
      } catch (Exception | Error e) {
        next.set(count);
        throw e;
      }
    }
    return null;
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
