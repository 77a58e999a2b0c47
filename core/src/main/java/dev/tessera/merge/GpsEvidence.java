package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What one chunk knows of the world from the positions of its photos: chunk-level, so that it can
 * travel to the driver, and exact for Gauss-Newton.
 *
 * @param fixes registered views with a position
 * @param inliers those within the robust kernel's width
 * @param worldFromChunk robust fit of the chunk alone
 * @param medianResidualMeters of that fit, over all fixes
 * @param medianResidualSigmas of that fit, over all fixes, each over its own sigma
 * @param determination what the fit leaves open
 * @param up what is taken for upright where the fit leaves the roll open, else null
 * @param bySequence the moments apart, of fixes as they were read, if sequences are told apart; the
 *     first is the one that {@code moments} and {@code worldFromChunk} agree with, the others are
 *     shifted to it there
 */
public record GpsEvidence(
    ChunkId chunk,
    GpsMoments moments,
    int fixes,
    int inliers,
    Sim3 worldFromChunk,
    double medianResidualMeters,
    double medianResidualSigmas,
    Determination determination,
    UpPrior up,
    List<OfSequence> bySequence)
    implements Serializable {

  /** What the fixes of one sequence say about the chunk. */
  public record OfSequence(String sequence, GpsMoments moments) implements Serializable {}

  public GpsEvidence {
    bySequence = List.copyOf(bySequence);
  }

  /** Evidence in which sequences are not told apart. */
  public GpsEvidence(
      ChunkId chunk,
      GpsMoments moments,
      int fixes,
      int inliers,
      Sim3 worldFromChunk,
      double medianResidualMeters,
      double medianResidualSigmas,
      Determination determination,
      UpPrior up) {
    this(
        chunk,
        moments,
        fixes,
        inliers,
        worldFromChunk,
        medianResidualMeters,
        medianResidualSigmas,
        determination,
        up,
        List.of());
  }

  GpsEvidence withSequences(List<OfSequence> apart) {
    return new GpsEvidence(
        chunk,
        moments,
        fixes,
        inliers,
        worldFromChunk,
        medianResidualMeters,
        medianResidualSigmas,
        determination,
        up,
        apart);
  }

  /** How much of the similarity GPS alone settles. */
  public enum Determination {
    FULL,
    /**
     * The cameras stand on a line (within the accuracy of the fixes), so the roll about it is open.
     * The fit takes the photos for upright: camera x axes level, then as level a view as possible.
     */
    ROLL_FREE,
    /** Too few or too close to tell the scale: only where the chunk is, roughly. */
    POSITION_ONLY
  }

  /**
   * @param kernelSigmas half-width of the Geman-McClure kernel on a fix, in sigmas
   * @param maxRotationSigmaDegrees a rotation less certain is taken as open
   * @param maxLogScaleSigma a scale less certain is taken as open
   * @param upSigmaDegrees how far photos are from upright
   * @param perSequence whether fixes of different sequences may be off by different shifts
   */
  public record Config(
      double kernelSigmas,
      double maxRotationSigmaDegrees,
      double maxLogScaleSigma,
      double upSigmaDegrees,
      boolean perSequence)
      implements Serializable {
    public static Config defaults() {
      return new Config(4, 20, 0.5, 15, false);
    }

    public Config withSequences(boolean toldApart) {
      return new Config(
          kernelSigmas, maxRotationSigmaDegrees, maxLogScaleSigma, upSigmaDegrees, toldApart);
    }
  }

  /** The evidence of a chunk, or nothing if none of its registered views has a fix. */
  public static Optional<GpsEvidence> of(ChunkScene scene, List<GpsFix> fixes, Config config) {
    return config.perSequence()
        ? SequenceOffsets.evidence(scene, fixes, config)
        : GpsFit.evidence(scene, fixes, config);
  }

  /**
   * The evidence of a chunk whose fixes are all to be believed: plain least squares.
   *
   * @param centersInChunk camera centres, as many as fixes and in their order, not on a line
   */
  public static GpsEvidence ofCenters(
      ChunkId chunk, List<Vec3> centersInChunk, List<GpsFix> fixes, Config config) {
    GpsMoments moments = GpsMoments.of(centersInChunk, fixes);
    Sim3 start = Umeyama.fit(centersInChunk, fixes.stream().map(GpsFix::positionInWorld).toList());
    Sim3 fitted = DampedFit.minimize(start, moments.centerInWorld(), GpsFit.problem(moments, null));
    double[] meters = new double[fixes.size()];
    double[] sigmas = new double[fixes.size()];
    for (int i = 0; i < meters.length; i++) {
      Vec3 at = fitted.apply(centersInChunk.get(i));
      meters[i] = at.distanceTo(fixes.get(i).positionInWorld());
      sigmas[i] = fixes.get(i).sigmasTo(at);
    }
    return new GpsEvidence(
        chunk,
        moments,
        fixes.size(),
        (int) Arrays.stream(sigmas).filter(s -> s <= config.kernelSigmas()).count(),
        fitted,
        RobustScale.median(meters),
        RobustScale.median(sigmas),
        GpsFit.determination(moments, fitted, config),
        null);
  }
}
