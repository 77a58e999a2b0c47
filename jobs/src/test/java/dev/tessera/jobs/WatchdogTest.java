package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.jobs.Watchdog.TookTooLongException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void aCallReturnsWhatItReturns() throws Exception {
    assertThat(Watchdog.within(LONG, () -> 7)).isEqualTo(7);
    assertThat(Watchdog.within(Duration.ZERO, () -> 7)).isEqualTo(7);
  }

  @Test
  void aCallThrowsWhatItThrows() {
    for (Throwable thrown :
        new Throwable[] {new IOException("a"), new IllegalStateException("b"), new Error("c")}) {
      assertThatThrownBy(
              () ->
                  Watchdog.within(
                      LONG,
                      () -> {
                        if (thrown instanceof Error error) {
                          throw error;
                        }
                        throw (Exception) thrown;
                      }))
          .isSameAs(thrown);
    }
  }

  @Test
  void aCallWithoutALimitStaysOnItsThread() throws Exception {
    assertThat(Watchdog.within(Duration.ZERO, Thread::currentThread))
        .isSameAs(Thread.currentThread());
  }

  @Test
  void aCallThatTakesTooLongIsInterrupted() {
    assertThatThrownBy(
            () ->
                Watchdog.within(
                    SHORT,
                    () -> {
                      Thread.sleep(LONG.toMillis());
                      return 7;
                    }))
        .isInstanceOfSatisfying(TookTooLongException.class, e -> assertThat(e.obeyed()).isTrue());
  }

  /** The second interrupt only ends the wait for it. */
  @Test
  void aCallThatDoesNotStopWithItsCallerIsSaidToGoOn() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    AtomicReference<Exception> thrown = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                Watchdog.within(
                    LONG,
                    () -> {
                      begun.countDown();
                      while (enough.getCount() > 0) {
                        Thread.onSpinWait(); // as native code, that looks at no interrupts
                      }
                      return 7;
                    });
              } catch (Exception e) {
                thrown.set(e);
              }
            });
    caller.start();
    begun.await();

    while (caller.isAlive()) {
      caller.interrupt();
      caller.join(10);
    }
    enough.countDown();

    assertThat(thrown.get()).isInstanceOf(Watchdog.GoesOnException.class);
  }

  @Test
  void aCallIsStoppedWithItsCaller() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread caller =
        new Thread(
            () -> {
              try {
                Watchdog.within(
                    LONG,
                    () -> {
                      begun.countDown();
                      try {
                        Thread.sleep(LONG.toMillis());
                      } finally {
                        stopped.countDown();
                      }
                      return 7;
                    });
              } catch (Exception e) {
                assertThat(e).isInstanceOf(InterruptedException.class);
              }
            });
    caller.start();
    begun.await();

    caller.interrupt();

    stopped.await();
    caller.join();
  }
}
