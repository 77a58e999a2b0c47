package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ByteBoundedCacheTest {
  private final ByteBoundedCache<String, byte[]> cache = new ByteBoundedCache<>(100, b -> b.length);
  private final AtomicInteger computed = new AtomicInteger();

  private byte[] get(String key, int bytes) throws Exception {
    return cache.get(
        key,
        () -> {
          computed.incrementAndGet();
          return new byte[bytes];
        });
  }

  @Test
  void computesOnceWhatFits() throws Exception {
    byte[] first = get("a", 60);

    assertThat(get("a", 60)).isSameAs(first);
    assertThat(computed).hasValue(1);
  }

  @Test
  void leastRecentlyUsedLeavesFirst() throws Exception {
    get("a", 40);
    get("b", 40);
    get("a", 40);
    get("c", 40);

    get("a", 40);
    assertThat(computed).hasValue(3);
    get("b", 40);
    assertThat(computed).hasValue(4);
  }

  @Test
  void neverHoldsMoreThanItsBytes() throws Exception {
    for (int i = 0; i < 50; i++) {
      get("key " + i % 7, 10 * (i % 5) + 30);

      assertThat(cache.bytes()).isLessThanOrEqualTo(100);
    }
  }

  @Test
  void failureIsPassedOnAndNotRemembered() throws Exception {
    assertThatThrownBy(
            () ->
                cache.get(
                    "a",
                    () -> {
                      throw new IOException("no photo");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("no photo");

    assertThat(get("a", 10)).hasSize(10);
  }

  @Test
  void callersAtTheSameTimeShareOneComputation() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService callers = Executors.newFixedThreadPool(3);
    try {
      List<Future<byte[]>> results = new ArrayList<>();
      results.add(
          callers.submit(
              () ->
                  cache.get(
                      "a",
                      () -> {
                        started.countDown();
                        goOn.await();
                        return new byte[7];
                      })));
      started.await();
      results.add(callers.submit(() -> get("a", 1)));
      results.add(callers.submit(() -> get("a", 1)));
      goOn.countDown();

      for (Future<byte[]> result : results) {
        assertThat(result.get()).hasSize(7);
      }
      assertThat(computed).hasValue(0);
    } finally {
      callers.shutdownNow();
    }
  }
}
