package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tasks of one JVM that want different engines: each is served, by one that is open. */
class ExecutorEngineTest {
  private static final NamedSpec FIRST = new NamedSpec("first");
  private static final NamedSpec SECOND = new NamedSpec("second");
  private static final int PATIENCE_SECONDS = 60;

  private static SparkSession spark;

  @BeforeAll
  static void anExecutor() {
    spark = SparkSessions.open(Settings.defaults(), "local[4]");
  }

  @AfterAll
  static void close() {
    spark.close();
  }

  @Test
  void anEngineIsClosedWhenItsLastUserIsDoneAndAnotherIsWanted() throws Exception {
    User user = new User(FIRST);
    FutureTask<NamedEngine> other = started(() -> used(SECOND));
    assertThat(user.engine().isClosed()).isFalse();

    user.letGo();

    assertThat(result(other).spec()).isEqualTo(SECOND);
    assertThat(user.engine().isClosed()).isTrue();
  }

  @Test
  void whoWaitsForTheUsersOfAnotherEngineGoesOnWhenItIsAbandoned() throws Exception {
    User stuck = new User(FIRST);
    Waiter other = new Waiter(SECOND);

    result(
        started(
            () -> {
              ExecutorEngine.abandon(stuck.engine());
              return stuck.engine();
            }));
    stuck.letGo(); // as the watchdog's thread does; the call itself goes on

    assertThat(result(other.task).spec()).isEqualTo(SECOND);
    assertThat(stuck.engine().isClosed()).isFalse();
  }

  @Test
  void whoIsInterruptedWhileItWaitsLeavesTheEngineToItsUsers() throws Exception {
    User user = new User(FIRST);
    Waiter other = new Waiter(SECOND);

    other.thread.interrupt();

    assertThatThrownBy(() -> result(other.task)).hasCauseInstanceOf(InterruptedException.class);
    user.letGo();
    assertThat(used(FIRST)).isSameAs(user.engine());
    assertThat(user.engine().isClosed()).isFalse();
  }

  @Test
  void tasksThatWantDifferentEnginesAllTheTimeAllEnd() throws Exception {
    List<FutureTask<NamedEngine>> tasks = new ArrayList<>();
    for (NamedSpec spec : List.of(FIRST, SECOND, FIRST, SECOND)) {
      tasks.add(
          started(
              () -> {
                for (int i = 0; i < 100; i++) {
                  used(spec);
                }
                return used(spec);
              }));
    }
    for (FutureTask<NamedEngine> task : tasks) {
      result(task);
    }
  }

  /** Uses the only place of the engine, which must be open and what was asked for. */
  private static NamedEngine used(NamedSpec spec) throws Exception {
    return ExecutorEngine.use(
        spec,
        1,
        opened -> {
          NamedEngine engine = (NamedEngine) opened;
          assertThat(engine.spec()).isEqualTo(spec);
          assertThat(engine.isClosed()).isFalse();
          return engine;
        });
  }

  private interface Work {
    NamedEngine done() throws Exception;
  }

  private static FutureTask<NamedEngine> started(Work work) {
    FutureTask<NamedEngine> task = new FutureTask<>(work::done);
    daemon(task).start();
    return task;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    return thread;
  }

  private static NamedEngine result(FutureTask<NamedEngine> task) throws Exception {
    return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Has the only place of an engine until it lets go. */
  private static final class User {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch enough = new CountDownLatch(1);
    private final FutureTask<NamedEngine> task;
    private volatile NamedEngine engine;

    User(NamedSpec spec) throws InterruptedException {
      task =
          started(
              () ->
                  ExecutorEngine.use(
                      spec,
                      1,
                      opened -> {
                        engine = (NamedEngine) opened;
                        begun.countDown();
                        enough.await();
                        return engine;
                      }));
      begun.await();
    }

    NamedEngine engine() {
      return engine;
    }

    void letGo() throws Exception {
      enough.countDown();
      result(task);
    }
  }

  /** Waits for the users of another engine. */
  private static final class Waiter {
    private final FutureTask<NamedEngine> task;
    private final Thread thread;

    Waiter(NamedSpec spec) {
      task = new FutureTask<>(() -> used(spec));
      thread = daemon(task);
      thread.start();
      while (thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }
  }

  private record NamedSpec(String name) implements EngineSpec {
    @Override
    public String engineName() {
      return name;
    }

    @Override
    public String fingerprint() {
      return name;
    }

    @Override
    public ReconstructionEngine open(int threads) {
      return new NamedEngine(this, new AtomicBoolean());
    }
  }

  private record NamedEngine(NamedSpec spec, AtomicBoolean closed) implements ReconstructionEngine {
    boolean isClosed() {
      return closed.get();
    }

    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress) {
      throw new UnsupportedOperationException("Nobody asks for it here");
    }

    @Override
    public int maxViews(long memoryBytes, long pixelsPerView) {
      return Integer.MAX_VALUE;
    }

    @Override
    public void close() {
      closed.set(true);
    }
  }
}
