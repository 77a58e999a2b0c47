package dev.tessera.synthetic;

import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;

/** Knows the scenes of a survey: to measure everything but reconstruction. */
public record SurveyEngine(SyntheticSurvey survey) implements EngineSpec {
  /** More than any setting asks for. */
  private static final int MOST_VIEWS = 1 << 20;

  @Override
  public String engineName() {
    return "survey";
  }

  @Override
  public String fingerprint() {
    return survey.toString();
  }

  @Override
  public ReconstructionEngine open(int threads) {
    return new Opened(survey);
  }

  private record Opened(SyntheticSurvey survey) implements ReconstructionEngine {
    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress) {
      return new ChunkOutcome.Reconstructed(survey.scene(chunk));
    }

    @Override
    public int maxViews(long memoryBytes, long pixelsPerView) {
      return MOST_VIEWS;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }
}
