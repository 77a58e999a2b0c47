package dev.tessera.jobs.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.RunFailedException;
import dev.tessera.jobs.UsageException;
import dev.tessera.jobs.workspace.Lease.Holder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(600);
  private static final Holder FAR = new Holder("far", "host-that-is-not-here", "", 1, 1, 7);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path temp;

  private FileSystem fs;
  private org.apache.hadoop.fs.Path root;
  private Path file;

  @BeforeEach
  void aWorkspace() throws IOException {
    root = new org.apache.hadoop.fs.Path(temp.toUri());
    fs = root.getFileSystem(new Configuration());
    file = temp.resolve("_lease.json");
  }

  @Test
  void aLeaseSaysWhoHoldsItAndGoesWhenClosed() throws IOException {
    try (Lease lease = Lease.acquire(fs, root, "r1", LONG)) {
      Holder holder = JSON.readValue(file.toFile(), Holder.class);

      assertThat(holder.runId()).isEqualTo("r1");
      assertThat(holder.pid()).isEqualTo(ProcessHandle.current().pid());
      lease.check();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void aSecondDriverIsRefusedWhileTheFirstLives() throws IOException {
    try (Lease first = Lease.acquire(fs, root, "r1", LONG)) {
      assertThatThrownBy(() -> Lease.acquire(fs, root, "r2", LONG))
          .isInstanceOfSatisfying(
              UsageException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCodes.HELD))
          .hasMessageContaining("Cannot use workspace")
          .hasMessageContaining("run r1 on")
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      first.check();
    }
    Lease.acquire(fs, root, "r2", LONG).close();
  }

  @Test
  void aDeadDriverOfThisMachineIsReplacedAtOnce() throws Exception {
    Process process = new ProcessBuilder("true").start();
    long startedAt = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    process.waitFor();
    hold(new Holder("dead", hostName(), Lease.pidNamespace(), process.pid(), startedAt, 7));

    try (Lease lease = Lease.acquire(fs, root, "r2", LONG)) {
      lease.check();
    }
  }

  /** Process numbers come round again: the time of its start says whether it is the same. */
  @Test
  void aProcessThatOnlyHasTheNumberOfTheHolderIsNotTheHolder() throws IOException {
    long pid = ProcessHandle.current().pid();
    hold(new Holder("dead", hostName(), Lease.pidNamespace(), pid, 1, 7));

    Lease.acquire(fs, root, "r2", LONG).close();
  }

  /** Pods on the network of their host have its name, but do not see one another's processes. */
  @Test
  void aProcessOfAnotherContainerIsNotTakenForDead() throws Exception {
    hold(new Holder("far", hostName(), "pid:[of another container]", 1, 1, 7));

    assertThatThrownBy(() -> Lease.acquire(fs, root, "r2", LONG))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("run far on " + hostName());
  }

  @Test
  void aDriverOfAnotherMachineIsReplacedOnlyWhenItHasBeenSilentForTheExpiryTime()
      throws IOException {
    hold(FAR);
    renewedAt(Instant.now().minusSeconds(59));
    assertThatThrownBy(() -> Lease.acquire(fs, root, "r2", Duration.ofSeconds(90)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("run far on host-that-is-not-here (process 1) holds it")
        .hasMessageContaining("last heard of 59 s ago");

    renewedAt(Instant.now().minusSeconds(91));
    Lease.acquire(fs, root, "r2", SHORT).close();
  }

  /** The store's clock went back an hour after the holder had died. */
  @Test
  void aDeadLeaseWithATimeInTheFutureIsReplaced() throws IOException {
    hold(FAR);
    renewedAt(Instant.now().plus(Duration.ofHours(1)));

    Lease.acquire(fs, root, "r2", SHORT).close();
  }

  /** However wrong its time is: the store's clock was set, or the holder's host has its own. */
  @Test
  void aLeaseThatIsRenewedIsRespectedWhateverTimeTheStoreGivesIt() throws Exception {
    for (Duration skew : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
      hold(FAR);
      renewedAt(Instant.now().plus(skew));
      AtomicBoolean alive = new AtomicBoolean(true);
      Thread heart =
          new Thread(
              () -> {
                for (long beat = 0; alive.get(); beat++) {
                  renewed(beat, skew);
                }
              });
      heart.start();
      try {
        assertThatThrownBy(() -> Lease.acquire(fs, root, "r2", SHORT))
            .isInstanceOfSatisfying(
                UsageException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCodes.HELD))
            .hasMessageContaining("run far on host-that-is-not-here");
      } finally {
        alive.set(false);
        heart.join();
      }
    }
  }

  /** Object stores have no way to create a file only if it is not there. */
  @Test
  void onAStoreWithoutExclusiveCreationTheLastNameStays() throws Exception {
    try (FileSystem objects = ObjectFiles.open()) {
      root = new org.apache.hadoop.fs.Path(ObjectFiles.URI_PREFIX + temp);
      fs = objects;
      ofManyDriversAtOnceOneGetsTheWorkspace();
    }
  }

  /** As when the other one looked before this one wrote, and wrote after it. */
  @Test
  void aNameThatWasWrittenOverDoesNotHold() throws Exception {
    try (FileSystem objects = ObjectFiles.open()) {
      root = new org.apache.hadoop.fs.Path(ObjectFiles.URI_PREFIX + temp);
      Thread other =
          new Thread(
              () -> {
                while (!Files.exists(file)) {
                  Thread.onSpinWait();
                }
                renewed(0, Duration.ZERO);
              });
      other.start();

      assertThatThrownBy(() -> Lease.acquire(objects, root, "r2", LONG))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("run far on host-that-is-not-here");
      other.join();
    }
  }

  @Test
  void aLeaseFileThatIsJustBeingWrittenIsRespected() throws IOException {
    Files.writeString(file, "{\"runId\":\"r1\",\"ho");

    assertThatThrownBy(() -> Lease.acquire(fs, root, "r2", LONG))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("of unknown name");
  }

  @Test
  void theHeartBeatsUntilTheLeaseIsClosed() throws IOException {
    try (Lease lease = Lease.acquire(fs, root, "r1", Duration.ofMillis(60))) {
      await(() -> JSON.readValue(file.toFile(), Holder.class).beat() > 1);
      lease.check();
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void aDriverThatWasReplacedNoticesBeforeItPublishesAndLeavesTheNewLeaseAlone()
      throws IOException {
    Lease slept = Lease.acquire(fs, root, "r1", LONG);
    fs.delete(new org.apache.hadoop.fs.Path(root, "_lease.json"), false);
    try (Lease next = Lease.acquire(fs, root, "r2", LONG)) {
      assertThatThrownBy(slept::check)
          .isInstanceOf(RunFailedException.class)
          .hasMessageContaining("another run took the workspace over");
      slept.close();
      next.check();
    }
  }

  /** The other one has done its work while this one was stopped, and gave the lease back. */
  @Test
  void aDriverThatWasReplacedByOneThatHasEndedHasLostTheWorkspace() throws IOException {
    try (Lease slept = Lease.acquire(fs, root, "r1", LONG)) {
      fs.delete(new org.apache.hadoop.fs.Path(root, "_lease.json"), false);
      Lease.acquire(fs, root, "r2", LONG).close();

      assertThatThrownBy(slept::check)
          .isInstanceOf(RunFailedException.class)
          .hasMessageContaining("another run took the workspace over");
      Lease.acquire(fs, root, "r3", LONG).close();
      assertThatThrownBy(slept::check).isInstanceOf(RunFailedException.class);
    }
  }

  /** As on a store that was full for a moment: the file is there, and has nothing in it. */
  @Test
  void aLeaseThatWasHalfRenewedIsRenewedAgain() throws Exception {
    try (TornFiles torn = new TornFiles()) {
      torn.initialize(root.toUri(), new Configuration());
      try (Lease lease = Lease.acquire(torn, root, "r1", Duration.ofMillis(60))) {
        torn.breakNextWrite();
        await(torn::isBroken);
        await(() -> Files.size(file) > 0);

        lease.check();
      }
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void aHeartGoesOnAfterAnyFailure() throws Exception {
    try (TornFiles torn = new TornFiles()) {
      torn.initialize(root.toUri(), new Configuration());
      try (Lease lease = Lease.acquire(torn, root, "r1", Duration.ofMillis(60))) {
        torn.failNextOpen();
        long before = beat();
        await(() -> torn.hasFailed() && beat() > before + 1);

        lease.check();
      }
    }
  }

  private long beat() throws IOException {
    try {
      return JSON.readValue(file.toFile(), Holder.class).beat();
    } catch (JsonProcessingException e) {
      return 0; // it is being written
    }
  }

  @Test
  void ofManyDriversAtOnceOneGetsTheWorkspace() throws Exception {
    int drivers = 8;
    ExecutorService pool = Executors.newFixedThreadPool(drivers);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Lease>> attempts = new ArrayList<>();
    try {
      for (int i = 0; i < drivers; i++) {
        String run = "r" + i;
        attempts.add(
            pool.submit(
                () -> {
                  start.await();
                  try {
                    return Lease.acquire(fs, root, run, LONG);
                  } catch (UsageException held) {
                    return null;
                  }
                }));
      }
      start.countDown();
      List<Lease> held = new ArrayList<>();
      for (Future<Lease> attempt : attempts) {
        if (attempt.get() != null) {
          held.add(attempt.get());
        }
      }
      assertThat(held).hasSize(1);
      held.get(0).check();
      held.get(0).close();
    } finally {
      pool.shutdownNow();
    }
  }

  private void hold(Holder holder) throws IOException {
    fs.delete(new org.apache.hadoop.fs.Path(root, "_lease.json"), false);
    Files.write(file, JSON.writeValueAsBytes(holder));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!condition.holds()) {
      assertThat(Instant.now()).isBefore(deadline);
      Thread.onSpinWait();
    }
  }

  private void renewed(long beat, Duration skew) {
    try {
      Path next = temp.resolve("next");
      Files.write(
          next, JSON.writeValueAsBytes(new Holder(FAR.runId(), FAR.host(), "", 1, 1, beat)));
      Files.setLastModifiedTime(next, FileTime.from(Instant.now().plus(skew)));
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void renewedAt(Instant time) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(time));
  }

  private static String hostName() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }
}
