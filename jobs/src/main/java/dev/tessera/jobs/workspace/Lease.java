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
 * Keeps two drivers from writing one workspace. The holder's file is created exclusively and
 * carries a heartbeat; it may be taken over once the heartbeat has stopped for the expiry time, or
 * at once when the holder was a process of this machine that is gone.
 */
public final class Lease implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "_lease.json";

  /** Others may be faster once or twice, not for ever. */
  private static final int ATTEMPTS = 4;

  /** Beats per expiry time: one or two may be lost without losing the lease. */
  private static final int BEATS_PER_EXPIRY = 6;

  /** What the lease file says. Times are milliseconds since 1970. */
  public record Holder(
      String runId, String host, long pid, long processStartedAt, long heartbeatAt) {}

  private final FileSystem fs;
  private final Path file;
  private final String runId;
  private final ScheduledExecutorService heart;
  private volatile boolean lost;

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
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (tryCreate(fs, file, runId)) {
        return new Lease(fs, file, runId, expiry);
      }
      removeUnlessAlive(fs, file, expiry);
    }
    throw new UsageException(
        "Cannot use workspace " + workspace + ": other drivers are taking it now", ExitCodes.HELD);
  }

  private static void removeUnlessAlive(FileSystem fs, Path file, Duration expiry)
      throws IOException {
    try {
      Holder holder = read(fs, file);
      refuseIfAlive(holder, file.getParent(), expiry);
      LOG.warn(
          "Taking over the workspace from run {} on {}, which is gone",
          holder.runId(),
          holder.host());
      fs.delete(file, false);
    } catch (FileNotFoundException e) {
      LOG.debug("The lease {} was given back just now", file);
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
    if (lost || !runId.equals(read(fs, file).runId())) {
      throw new RunFailedException(
          "Cannot publish into %s: another run took the workspace over".formatted(file.getParent()),
          ExitCodes.LOST);
    }
  }

  private static void refuseIfAlive(Holder holder, Path workspace, Duration expiry)
      throws IOException {
    long silentMillis = System.currentTimeMillis() - holder.heartbeatAt();
    boolean goneFromHere = holder.host().equals(hostName()) && !isRunning(holder);
    if (silentMillis < expiry.toMillis() && !goneFromHere) {
      throw new UsageException(
          "Cannot use workspace %s: run %s on %s (process %d) holds it, last heard of %d s ago"
              .formatted(
                  workspace, holder.runId(), holder.host(), holder.pid(), silentMillis / 1000),
          ExitCodes.HELD);
    }
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
      if (!runId.equals(read(fs, file).runId())) {
        lost = true;
        return;
      }
      try (OutputStream out = fs.create(file, true)) {
        JSON.writeValue(out, self(runId));
      }
    } catch (IOException e) {
      LOG.warn("Cannot renew the lease on {}: {}", file.getParent(), e.toString());
    }
  }

  private static boolean tryCreate(FileSystem fs, Path file, String runId) throws IOException {
    byte[] text = JSON.writeValueAsBytes(self(runId));
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

  /** The holder; while the file is just being written, an unnamed one as old as the file. */
  private static Holder read(FileSystem fs, Path file) throws IOException {
    try (InputStream in = fs.open(file)) {
      return JSON.readValue(in, Holder.class);
    } catch (JsonProcessingException e) {
      long written = fs.getFileStatus(file).getModificationTime();
      LOG.debug("Lease {} is being written: {}", file, e.getOriginalMessage());
      return new Holder("of unknown name", "an unknown host", 0, 0, written);
    }
  }

  private static Holder self(String runId) throws IOException {
    ProcessHandle self = ProcessHandle.current();
    return new Holder(runId, hostName(), self.pid(), startOf(self), System.currentTimeMillis());
  }

  private static String hostName() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }

  @Override
  public void close() throws IOException {
    heart.shutdown();
    try {
      heart.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    release();
  }

  private synchronized void release() throws IOException {
    if (fs.exists(file) && runId.equals(read(fs, file).runId())) {
      fs.delete(file, false);
    }
  }
}
