package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.jobs.metrics.ExecutorMetrics;
import dev.tessera.jobs.metrics.ResidentMemory;
import dev.tessera.jobs.metrics.RunEvent;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.jobs.workspace.Keys;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SharedCalibration;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an executor does with one chunk: take it from the store, or reconstruct and store it. */
record ChunkTask(
    EngineSpec engine,
    EngineGuard guard,
    ErrorNotes errors,
    ChunkStore store,
    SerializableConfiguration hadoop,
    int chunksAtOnce,
    boolean force,
    Set<Integer> only,
    LongAccumulator done)
    implements Serializable {
  /** Reason of a chunk that nobody asked for: it did not fail. */
  static final String NOT_SELECTED = "NOT_SELECTED";

  private static final Logger LOG = LoggerFactory.getLogger(ChunkTask.class);

  /**
   * Of this run.
   *
   * @param only the chunks that are asked for; empty for all
   */
  static ChunkTask of(Run run, Set<Integer> only) throws IOException {
    return new ChunkTask(
        run.engine(),
        new EngineGuard(
            run.engine(), Duration.ofSeconds(run.settings().integer("reconstruct.timeout-s"))),
        ErrorNotes.of(run),
        run.store(),
        new SerializableConfiguration(run.sc().hadoopConfiguration()),
        run.settings().integer("reconstruct.chunks-at-once"),
        run.force(),
        Set.copyOf(only),
        run.spark().sparkContext().longAccumulator("chunks done"));
  }

  ChunkResult reconstruct(ChunkViews chunk) throws Exception {
    RunEvent.of("chunk-start")
        .with("chunk", chunk.chunk().value())
        .with("views", chunk.views().size())
        .log();
    ChunkResult result;
    try (ResidentMemory memory = ResidentMemory.watch()) {
      result = resumeOrReconstruct(chunk);
      count(result.outcome(), memory.peakBytes());
    } catch (Exception | Error e) {
      errors.take(chunk.chunk(), e);
      throw e;
    }
    ProgressBoard.chunkDone(chunk.chunk().value());
    done.add(1);
    return result;
  }

  private static void count(Outcome o, long peakBytes) {
    boolean asked = !NOT_SELECTED.equals(o.reason());
    if (o.resumed()) {
      ExecutorMetrics.ofThisJvm().chunkResumed();
    } else if (asked) {
      ExecutorMetrics.ofThisJvm().chunkTried(o.reconstructed(), o.views(), o.seconds(), peakBytes);
    }
    RunEvent.of("chunk-end")
        .with("chunk", o.chunk().value())
        .with("result", o.reconstructed() ? "ok" : asked ? "failed" : "skipped")
        .with("reason", o.reason())
        .with("resumed", o.resumed())
        .with("seconds", o.seconds())
        .with("views", o.views())
        .with("registered", o.registered())
        .with("points", o.points())
        .with("peak_bytes", peakBytes)
        .log();
  }

  /**
   * The chunk under the lenses that all chunks agree on, and what it remembers then. The scene as
   * it was reconstructed stays in the store beside it: another run may agree on other lenses. A
   * scene that no lens changes is not stored twice.
   */
  Outcome recalibrate(ChunkViews chunk, Outcome outcome, SharedCalibration shared)
      throws Exception {
    String key = Keys.of(outcome.storeKey(), lenses(chunk, shared).toString());
    if (force && !outcome.resumed()) {
      store.remove(key);
    }
    Outcome recalibrated =
        store.contains(key) ? outcome.withStoreKey(key) : recalibrate(key, chunk, outcome, shared);
    done.add(1);
    return recalibrated;
  }

  private Outcome recalibrate(
      String key, ChunkViews chunk, Outcome outcome, SharedCalibration shared) throws Exception {
    ChunkScene scene = store.read(outcome.storeKey(), chunk.chunk());
    ChunkOutcome result =
        ExecutorEngine.use(
            engine,
            chunksAtOnce,
            opened ->
                guard.outcome(
                    chunk,
                    opened,
                    () -> recalibrated(opened, chunk, outcome.storeKey(), scene, shared)));
    if (result instanceof ChunkOutcome.Failed failed) {
      return outcome.asFailed(failed.reason().name(), failed.detail());
    }
    ChunkScene recalibrated = ((ChunkOutcome.Reconstructed) result).scene();
    if (recalibrated.equals(scene)) {
      return outcome;
    }
    store.publish(key, recalibrated);
    return outcome.withStoreKey(key);
  }

  /** The scene itself, without its memory, if the lenses leave it as it is. */
  private ChunkOutcome recalibrated(
      ReconstructionEngine opened,
      ChunkViews chunk,
      String storeKey,
      ChunkScene scene,
      SharedCalibration shared)
      throws IOException {
    ChunkScene recalibrated = opened.recalibrated(chunk, scene, shared);
    if (recalibrated.equals(scene)) {
      return new ChunkOutcome.Reconstructed(scene);
    }
    SceneMemory memory = opened.recalibrated(chunk, store.readMemory(storeKey), recalibrated);
    return new ChunkOutcome.Reconstructed(recalibrated.with(memory));
  }

  /** The lenses of this chunk's camera models, by model. */
  private static Map<String, SharedCalibration.Lens> lenses(
      ChunkViews chunk, SharedCalibration shared) {
    Map<String, SharedCalibration.Lens> lenses = new TreeMap<>();
    for (View view : chunk.views()) {
      SharedCalibration.Lens lens = shared.lenses().get(view.cameraModel());
      if (lens != null) {
        lenses.put(view.cameraModel(), lens);
      }
    }
    return lenses;
  }

  private ChunkResult resumeOrReconstruct(ChunkViews chunk) throws Exception {
    String key = storeKey(chunk);
    boolean selected = only.isEmpty() || only.contains(chunk.chunk().value());
    boolean again = force && selected;
    if (!again && store.contains(key)) {
      ChunkScene scene = store.read(key, chunk.chunk());
      int tensors = store.countTensors(key);
      return reconstructed(chunk, key, scene, tensors, true, 0);
    }
    Optional<String> tooLarge = again ? Optional.empty() : store.tooLarge(key, memory());
    if (tooLarge.isPresent()) {
      return failed(chunk, key, ChunkOutcome.Reason.OUT_OF_MEMORY.name(), tooLarge.get(), 0);
    }
    if (!selected) {
      return failed(chunk, key, NOT_SELECTED, "left out by --only", 0);
    }
    Optional<ChunkOutcome.Failed> givenUp = guard.givenUp(chunk.chunk());
    if (givenUp.isPresent() && !errors.has(chunk.chunk())) {
      return publish(chunk, key, givenUp.get(), 0);
    }
    return ExecutorEngine.use(
        engine,
        chunksAtOnce,
        opened -> {
          long start = System.nanoTime();
          HadoopPhotos photos = new HadoopPhotos(hadoop);
          Progress progress = ProgressBoard.ofChunk(chunk.chunk().value());
          ChunkOutcome outcome =
              guard.outcome(chunk, opened, () -> opened.reconstruct(chunk, photos, progress));
          double seconds = (System.nanoTime() - start) / 1e9;
          return publish(chunk, key, outcome, seconds);
        });
  }

  private ChunkResult publish(ChunkViews chunk, String key, ChunkOutcome outcome, double seconds)
      throws IOException {
    if (outcome instanceof ChunkOutcome.Failed failed) {
      LOG.warn("Chunk {} failed: {} ({})", chunk.chunk(), failed.reason(), failed.detail());
      if (failed.reason() == ChunkOutcome.Reason.OUT_OF_MEMORY) {
        store.publishTooLarge(key, memory(), failed.detail());
      }
      return failed(chunk, key, failed.reason().name(), failed.detail(), seconds);
    }
    ChunkScene scene = ((ChunkOutcome.Reconstructed) outcome).scene();
    if (force) {
      store.remove(key);
    }
    store.publish(key, scene);
    int tensors = scene.memory().tensors().size();
    return reconstructed(chunk, key, scene, tensors, false, seconds);
  }

  /** Whether a chunk ran out of the memory that there is still. To be asked on an executor. */
  boolean isTooLarge(String key) throws IOException {
    return store.tooLarge(key, memory()).isPresent();
  }

  /** Digest of all that bounds the memory of a chunk: this JVM's share for it, the settings. */
  private String memory() {
    long bytes = ExecutorEngine.memoryForOneChunk(engine, chunksAtOnce);
    return Keys.of(engine.toString(), Long.toString(bytes));
  }

  private ChunkResult reconstructed(
      ChunkViews chunk,
      String key,
      ChunkScene scene,
      int tensors,
      boolean resumed,
      double seconds) {
    Outcome outcome =
        Outcome.reconstructed(
            chunk.chunk(),
            key,
            chunk.views().size(),
            scene.cameras().size(),
            scene.points().count(),
            tensors,
            resumed,
            seconds);
    return new ChunkResult(outcome, engine.lenses(chunk, scene));
  }

  private static ChunkResult failed(
      ChunkViews chunk, String key, String reason, String detail, double seconds) {
    int views = chunk.views().size();
    return new ChunkResult(
        Outcome.failed(chunk.chunk(), key, reason, detail, views, seconds), List.of());
  }

  /** Digest of all a scene depends on: the engine, and each view with its priors, in order. */
  private String storeKey(ChunkViews chunk) {
    StringBuilder text = new StringBuilder(engine.fingerprint());
    for (View v : chunk.views()) {
      text.append('\n').append(v.sha256()).append(' ').append(v.exifOrientation());
      text.append(' ').append(v.focal()).append(' ').append(v.cameraModel());
      text.append(' ').append(v.position());
    }
    return Keys.of(text.toString());
  }
}
