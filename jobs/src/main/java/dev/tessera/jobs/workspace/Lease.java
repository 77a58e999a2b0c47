package dev.tessera.jobs.workspace;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.RunFailedException;
import dev.tessera.jobs.UsageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two drivers from writing one workspace. The holder's file is renewed by a heartbeat; it may
 * be taken over when the heartbeat has stopped for the expiry time, or at once when the holder was
 * a process that this one would see if it were there: of the same host name, and on Linux of the
 * same namespace of process numbers, which containers of one host do not share. Two machines must
 * not have one name.
 *
 * <p>No driver's clock is believed. How old a heartbeat is, is the difference of two times that the
 * store gave to files; and before a lease is taken over it is watched for longer than a heartbeat.
 *
 * <p>Where a file can be created in one step (local disks, HDFS) at most one driver gets the
 * workspace. Object stores cannot: there a driver writes its name, waits, and holds the workspace
 * if the name is still there. Two could hold it together if one of them were stopped, between
 * finding no holder and writing its name, for longer than that wait; the one that was overwritten
 * notices at its next heartbeat, and before it publishes.
 */
public final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "_lease.json";

  /** Others may be faster once or twice, not for ever. */
  private static final int ATTEMPTS = 4;

  /** Beats per expiry time: one or two may be lost without losing the lease. */
  private static final int BEATS_PER_EXPIRY = 6;

  /** A lease is watched for this part of the expiry time before it is taken over: two beats. */
  private static final int WATCHES_PER_EXPIRY = 3;

  /** For so long a new name must stay, where another driver may have written its own as well. */
  private static final long SETTLE_MILLIS = 1000;

  /** How often a lease is read while it is watched. */
  private static final int LOOKS_PER_WATCH = 30;

  /**
   * What the lease file says.
   *
   * @param pidNamespace in which the process has its number; empty where there are none
   * @param processStartedAt milliseconds since 1970, by the clock of the host
   * @param beat how often the lease was renewed
   */
  public record Holder(
      String runId, String host, String pidNamespace, long pid, long processStartedAt, long beat) {}

  /** Of a file that is just being written. */
  private static final Holder UNNAMED =
      new Holder("of unknown name", "an unknown host", "", 0, 0, 0);

  private final FileSystem fs;
  private final Path file;
  private final String runId;
  private final ScheduledExecutorService heart;
  private boolean lost;

  /** Whether this lease was not written to its end when it was last renewed. */
  private boolean torn;

  private long beats;

  private Lease(FileSystem fs, Path file, String runId, Duration expiry) {
    this.fs = fs;
    this.file = file;
    this.runId = runId;
    this.heart =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "lease-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
    long period = expiry.toMillis() / BEATS_PER_EXPIRY;
    heart.scheduleAtFixedRate(this::beat, period, period, TimeUnit.MILLISECONDS);
  }

  /**
   * Takes the workspace for this run.
   *
   * @throws UsageException if another driver holds it
   */
  public static Lease acquire(FileSystem workspaceFs, Path workspace, String runId, Duration expiry)
      throws IOException {
    FileSystem fs = withoutChecksums(workspaceFs);
    Path file = new Path(workspace, FILE);
    boolean alone = Publisher.renamesInOneStep(fs); // such stores create a file in one step, too
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (tryCreate(fs, file, runId) && (alone || isSettled(fs, file, runId))) {
        return new Lease(fs, file, runId, expiry);
      }
      alone &= !removeUnlessAlive(fs, file, runId, expiry);
    }
    throw new UsageException(
        "Cannot use workspace " + workspace + ": other drivers are taking it now", ExitCodes.HELD);
  }

  /** Whether no other driver has put its name over this one's. */
  private static boolean isSettled(FileSystem fs, Path file, String runId) throws IOException {
    pause(SETTLE_MILLIS);
    try {
      return runId.equals(read(fs, file).runId());
    } catch (FileNotFoundException e) {
      return false; // another one took it for that of a dead driver
    }
  }

  /** Whether there was a lease to be removed: others may be removing it as well. */
  private static boolean removeUnlessAlive(FileSystem fs, Path file, String runId, Duration expiry)
      throws IOException {
    try {
      Holder holder = read(fs, file);
      refuseIfAlive(fs, file, holder, runId, expiry);
      LOG.warn(
          "Taking over the workspace from run {} on {}, which is gone",
          holder.runId(),
          holder.host());
      fs.delete(file, false);
      return true;
    } catch (FileNotFoundException e) {
      LOG.debug("The lease {} was given back just now", file);
      return false;
    }
  }

  /** A checksum beside a file that is rewritten all the time would be wrong for a moment. */
  private static FileSystem withoutChecksums(FileSystem fs) {
    return fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
  }

  /**
   * Fails if the lease has been taken away meanwhile (this process was stopped for longer than the
   * expiry time). To be called before anything is published.
   */
  public synchronized void check() throws IOException {
    lost = lost || !isMine();
    if (lost) {
      throw new RunFailedException(
          "Cannot publish into %s: another run took the workspace over".formatted(file.getParent()),
          ExitCodes.LOST);
    }
  }

  /**
   * Whether no other run has taken the workspace: one whose file is gone has, and has ended since.
   */
  private boolean isMine() throws IOException {
    try {
      Holder holder = read(fs, file);
      return runId.equals(holder.runId()) || torn && holder.equals(UNNAMED);
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  private static void refuseIfAlive(
      FileSystem fs, Path file, Holder holder, String runId, Duration expiry) throws IOException {
    if (isOfThisHost(holder) && !isRunning(holder)) {
      return;
    }
    long silentMillis = silence(fs, file, runId);
    // A time in the future is as good as none: the store's clock was set back.
    boolean heard = silentMillis >= 0 && silentMillis < expiry.toMillis();
    if (heard || beats(fs, file, holder, expiry.dividedBy(WATCHES_PER_EXPIRY))) {
      throw new UsageException(
          "Cannot use workspace %s: run %s on %s (process %d) holds it, last heard of %d s ago"
              .formatted(
                  file.getParent(),
                  holder.runId(),
                  holder.host(),
                  holder.pid(),
                  heard ? silentMillis / 1000 : 0),
          ExitCodes.HELD);
    }
  }

  /** Milliseconds since the last heartbeat, by the clock of the store alone. */
  private static long silence(FileSystem fs, Path file, String runId) throws IOException {
    Path probe = new Path(file.getParent(), "_lease-probe-" + runId);
    try {
      fs.create(probe, true).close();
      long now = fs.getFileStatus(probe).getModificationTime();
      return now - fs.getFileStatus(file).getModificationTime();
    } finally {
      fs.delete(probe, false);
    }
  }

  /** Whether the lease is renewed while this looks. */
  private static boolean beats(FileSystem fs, Path file, Holder seen, Duration watch)
      throws IOException {
    long end = System.nanoTime() + watch.toNanos();
    while (System.nanoTime() < end) {
      pause(1 + watch.toMillis() / LOOKS_PER_WATCH);
      if (!read(fs, file).equals(seen)) {
        return true;
      }
    }
    return false;
  }

  private static void pause(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while taking the workspace", e);
    }
  }

  /** Whether the holder's process could be seen from here. */
  private static boolean isOfThisHost(Holder holder) throws IOException {
    return holder.host().equals(hostName()) && pidNamespace().equals(holder.pidNamespace());
  }

  private static boolean isRunning(Holder holder) {
    return ProcessHandle.of(holder.pid())
        .filter(process -> startOf(process) == holder.processStartedAt())
        .isPresent();
  }

  private static long startOf(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /** Excludes {@link #check}, which must not read what is half written. */
  private synchronized void beat() {
    try {
      lost = lost || !isMine();
      if (!lost) {
        byte[] text = JSON.writeValueAsBytes(self(runId, ++beats));
        torn = true;
        replace(text);
        torn = false;
      }
    } catch (IOException | RuntimeException e) { // one that is thrown would stop the heart
      LOG.warn("Cannot renew the lease on {}: {}", file.getParent(), e.toString());
    }
  }

  /** On local disks in one step: a full one must not leave an empty lease. */
  private void replace(byte[] text) throws IOException {
    if (fs instanceof RawLocalFileSystem local) {
      java.nio.file.Path target = local.pathToFile(file).toPath();
      java.nio.file.Path next = target.resolveSibling(target.getFileName() + "-" + runId);
      try {
        Files.write(next, text);
        Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(next);
      }
    } else {
      try (OutputStream out = fs.create(file, true)) {
        out.write(text);
      }
    }
  }

  private static boolean tryCreate(FileSystem fs, Path file, String runId) throws IOException {
    byte[] text = JSON.writeValueAsBytes(self(runId, 0));
    try (OutputStream out = createNew(fs, file)) {
      out.write(text);
      return true;
    } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException e) {
      return false; // someone holds it: the caller looks who
    }
  }

  /** Hadoop's local file system looks before it creates, so that two could create one file. */
  private static OutputStream createNew(FileSystem fs, Path file) throws IOException {
    return fs instanceof RawLocalFileSystem local
        ? Files.newOutputStream(local.pathToFile(file).toPath(), StandardOpenOption.CREATE_NEW)
        : fs.create(file, false);
  }

  /** The holder; while the file is just being written, an unnamed one. */
  private static Holder read(FileSystem fs, Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return JSON.readValue(in, Holder.class);
    } catch (JsonProcessingException e) {
      LOG.debug("Lease {} is being written: {}", file, e.getOriginalMessage());
      return UNNAMED;
    }
  }

  private static Holder self(String runId, long beat) throws IOException {
    ProcessHandle self = ProcessHandle.current();
    return new Holder(runId, hostName(), pidNamespace(), self.pid(), startOf(self), beat);
  }

  private static String hostName() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }

  static String pidNamespace() throws IOException {
    java.nio.file.Path link = java.nio.file.Path.of("/proc/self/ns/pid");
    return Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).toString() : "";
  }

  /** A lease that cannot be given back expires; what was done is done all the same. */
  @Override
  public void close() {
    heart.shutdown();
    try {
      heart.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    release();
  }

  private synchronized void release() {
    try {
      if (!lost && isMine()) {
        fs.delete(file, false);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot give back the lease on {}: {}", file.getParent(), e.toString());
    }
  }
}
