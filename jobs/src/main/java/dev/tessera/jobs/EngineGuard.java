package dev.tessera.jobs;

import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkOutcome.Failed;
import dev.tessera.reconstruct.ChunkOutcome.Reason;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.ReconstructionEngine;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what an engine does wrong into failures of the chunk it does it with, so that the rest of
 * the run goes on.
 *
 * @param limit the longest time for one chunk; zero for any
 */
record EngineGuard(EngineSpec engine, Duration limit) implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineGuard.class);

  /** A call of the engine. */
  @FunctionalInterface
  interface EngineCall {
    ChunkOutcome outcome() throws IOException;
  }

  /**
   * A failure, if Spark's tries of this chunk are used up and none has come to a result: what ended
   * them was no exception of the engine, or it would have been the result. Unless the world had an
   * error ({@link ErrorNotes}), the JVM must have died in at least one of them. Not where Spark
   * speculates: there a try may have been one of several at once.
   */
  Optional<Failed> givenUp(ChunkId chunk) {
    return TaskTries.left() > 0 || TaskTries.speculative()
        ? Optional.empty()
        : Optional.of(
            new Failed(
                chunk,
                Reason.ENGINE_ERROR,
                "%d tries ended without a result: executors were lost while they worked on it"
                    .formatted(TaskTries.before())));
  }

  /**
   * What the engine makes of the chunk. What it throws is a failure of this chunk: of its memory,
   * or of the engine, after other executors have tried as well. Only photos that cannot be fetched
   * are left to Spark, which tries again.
   */
  ChunkOutcome outcome(ChunkViews chunk, ReconstructionEngine opened, EngineCall call)
      throws Exception {
    try {
      return Watchdog.within(limit, call::outcome);
    } catch (Watchdog.TookTooLongException e) {
      return timedOut(chunk, opened, e);
    } catch (Watchdog.GoesOnException e) {
      ExecutorEngine.abandon(opened);
      LOG.error("Chunk {} was stopped; the engine did not and was abandoned", chunk.chunk());
      throw e;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException | Error e) {
      LOG.error("Chunk {} failed in engine {}", chunk.chunk(), engine.engineName(), e);
      if (isOutOfMemory(e)) {
        String detail = "%d views: %s".formatted(chunk.views().size(), e.getMessage());
        return new Failed(chunk.chunk(), Reason.OUT_OF_MEMORY, detail);
      }
      if (TaskTries.left() > 1) {
        throw e;
      }
      return new Failed(chunk.chunk(), Reason.ENGINE_ERROR, e.toString());
    }
  }

  private Failed timedOut(
      ChunkViews chunk, ReconstructionEngine opened, Watchdog.TookTooLongException e) {
    String detail = "%d views: more than %d s".formatted(chunk.views().size(), limit.toSeconds());
    if (!e.obeyed()) {
      ExecutorEngine.abandon(opened);
      detail += "; the engine did not stop and was abandoned";
    }
    LOG.error("Chunk {} was stopped: {}", chunk.chunk(), detail);
    return new Failed(chunk.chunk(), Reason.TIMEOUT, detail);
  }

  /** Pools of threads wrap what their threads throw. */
  private static boolean isOutOfMemory(Throwable e) {
    return e != null && (e instanceof OutOfMemoryError || isOutOfMemory(e.getCause()));
  }
}
