package dev.tessera.localize;

import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.PhotoPose;
import dev.tessera.reconstruct.PhotoPose.Located;
import dev.tessera.reconstruct.PhotoPose.NotLocated;
import java.io.Serializable;
import java.util.Comparator;

/** What a chunk says about a photo. */
public record Answer(ChunkId chunk, PhotoPose pose) implements Serializable {
  /**
   * A pose before none, the surer first; of reasons, an error of the engine, which another try may
   * mend, before one of a chunk that did look, before one that could not.
   */
  private static final Comparator<Answer> BEST_FIRST =
      Comparator.comparingDouble((Answer a) -> -a.confidence())
          .thenComparing(a -> !a.isFor(PhotoPose.Reason.ENGINE_ERROR))
          .thenComparing(a -> a.isFor(PhotoPose.Reason.NO_MEMORY))
          .thenComparing(Answer::chunk);

  public Answer {
    if (pose instanceof Located located
        && !(located.confidence() >= 0 && located.confidence() <= 1)) {
      throw new IllegalArgumentException(
          "Confidence must be in [0, 1], was %s in chunk %s"
              .formatted(located.confidence(), chunk));
    }
  }

  /**
   * The one of two answers about one photo that is to be believed. Associative and commutative for
   * answers of different chunks: it can be the reducer of any grouping.
   */
  public static Answer better(Answer a, Answer b) {
    return BEST_FIRST.compare(a, b) <= 0 ? a : b;
  }

  private double confidence() {
    return pose instanceof Located located ? located.confidence() : -1;
  }

  private boolean isFor(PhotoPose.Reason reason) {
    return pose instanceof NotLocated none && none.reason() == reason;
  }
}
