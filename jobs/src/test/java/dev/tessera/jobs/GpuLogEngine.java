package dev.tessera.jobs;

import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import java.io.IOException;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine that says in its executor's log which GPU it was opened on and when it works there.
 * What it makes of a chunk is what {@code sfm} makes of it.
 *
 * @param gpusHere GPUs that its library finds; 0 as where there is no CUDA
 */
record GpuLogEngine(EngineSpec sfm, int gpusHere) implements LikeSfm.Spec {
  private static final Logger LOG = LoggerFactory.getLogger(GpuLogEngine.class);

  @Override
  public String engineName() {
    return "gpu-log";
  }

  @Override
  public String fingerprint() {
    return "gpu-log " + sfm.fingerprint();
  }

  @Override
  public boolean usesGpu() {
    return true;
  }

  @Override
  public ReconstructionEngine open(int threads, OptionalInt gpu) {
    return new Opened(sfm.open(threads, gpu), gpu.isPresent() ? "gpu-" + gpu.getAsInt() : "cpu");
  }

  private record Opened(ReconstructionEngine sfm, String device) implements LikeSfm.Engine {
    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress)
        throws IOException {
      LOG.info("begins {} {}", device, chunk.chunk());
      ChunkOutcome outcome = sfm.reconstruct(chunk, photos, progress);
      LOG.info("ends {} {}", device, chunk.chunk());
      return outcome;
    }
  }
}
