package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  @Test
  void everyItemIsDoneOnce() {
    try (WorkerPool pool = new WorkerPool(4)) {
      AtomicIntegerArray done = new AtomicIntegerArray(1000);

      pool.forEach(1000, done::incrementAndGet);

      for (int i = 0; i < 1000; i++) {
        assertThat(done.get(i)).isEqualTo(1);
      }
    }
  }

  @Test
  void firstFailureReachesTheCaller() {
    try (WorkerPool pool = new WorkerPool(2)) {
      assertThatThrownBy(
              () ->
                  pool.forEach(
                      10,
                      i -> {
                        throw new IOException("store is down");
                      }))
          .isInstanceOf(CompletionException.class)
          .cause()
          .isInstanceOf(IOException.class)
          .hasMessage("store is down");
    }
  }

  @Test
  void poolWithoutThreadsIsRefused() {
    assertThatThrownBy(() -> new WorkerPool(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Worker pool needs at least one thread, was 0");
  }
}
