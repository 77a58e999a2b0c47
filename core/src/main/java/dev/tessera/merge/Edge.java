package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.partition.ChunkId;
import java.io.Serializable;

/**
 * A measured similarity between two chunks, with its evidence; also kept, with its reason, when it
 * could not be measured.
 *
 * @param aFromB takes coordinates of chunk b to chunk a; null where nothing could be measured
 * @param covariance28 packed covariance of the left change of {@code aFromB}, see {@link
 *     Sim3Tangent}: radians, units of chunk a, log scale; null with {@code aFromB}. Not copied
 * @param sharedViews views registered in both chunks
 * @param inlierViews those that agree with {@code aFromB}
 * @param pointPairs pairs of points that both chunks have from the same pixel of a shared view, as
 *     far as taken (at most so many per view); of a QUERY, landmarks that look alike
 * @param inlierPoints pairs in inlier views within three robust standard deviations; of a QUERY,
 *     landmarks that agree
 * @param relativeRms root mean square over inlier pairs of (distance after alignment / depth)
 * @param logFocalRatio median over shared views of log(focal length in a / in b); away from zero it
 *     says that the chunks disagree about the camera, and makes the covariance larger
 * @param logScaleSpread robust standard deviation over shared views of log(depth in a / depth in
 *     b): chunks that differ by one scale have next to none; NaN with fewer than three views to
 *     tell it
 * @param roundTripSigmas how far the way to b and back, each measured by itself, ends from its
 *     beginning, in sigmas per coordinate; NaN where one of the two was not measured
 * @param verdict ACCEPTED, or why the edge is not used
 */
public record Edge(
    ChunkId a,
    ChunkId b,
    Kind kind,
    Sim3 aFromB,
    double[] covariance28,
    int sharedViews,
    int inlierViews,
    int pointPairs,
    int inlierPoints,
    double relativeRms,
    double logFocalRatio,
    double logScaleSpread,
    double roundTripSigmas,
    Verdict verdict)
    implements Serializable {

  /** Where an edge comes from. */
  public enum Kind {
    /** Views that both chunks registered. */
    OVERLAP,
    /** A chunk made of views of both sides. */
    SEAM,
    /** Landmarks that both chunks remember. */
    QUERY,
    /** Positions of the photos. */
    GPS
  }

  /** Whether an edge is used, or why not. */
  public enum Verdict {
    ACCEPTED,
    NO_SHARED_VIEWS,
    TOO_FEW_VIEWS,
    /** No similarity brings enough shared views together. */
    NO_CONSENSUS,
    /** Shared views have no scale in common. */
    SCALES_DISAGREE,
    /** The chunks see through lenses too different for a similarity to mend. */
    FOCAL_LENGTHS_DISAGREE,
    /** From a to b and back, each measured by itself, does not end where it began. */
    ASYMMETRIC,
    /** The cameras stand on a line, and the points do not settle the rotation about it. */
    COLLINEAR_CENTERS,
    /** Cameras and points lie in a plane, and leave something open. */
    PLANAR_OVERLAP,
    /** The evidence leaves the rotation open. */
    DEGENERATE_ROTATION,
    /** The evidence leaves the translation open. */
    DEGENERATE_TRANSLATION,
    /** The evidence leaves the scale open: no point pairs, camera centres in one place. */
    DEGENERATE_SCALE,
    /**
     * Too few landmarks that look alike agree on a similarity: the chunks may show other places.
     */
    TOO_FEW_LANDMARKS,
    /** Landmarks that look alike agree on two similarities. */
    AMBIGUOUS,
    /** The landmarks agree, but the chunks would have seen them from opposite sides. */
    OPPOSITE_SIDES,
    /** The rest of the map says otherwise. */
    INCONSISTENT;

    /**
     * Whether there was evidence enough, and it says that the two chunks do not fit together: one
     * of them is wrong.
     */
    public boolean isContradiction() {
      return this == NO_CONSENSUS || this == SCALES_DISAGREE || this == ASYMMETRIC;
    }
  }

  public Edge {
    if (a.equals(b)) {
      throw new IllegalArgumentException("Cannot make an edge from chunk " + a + " to itself");
    }
    if ((aFromB == null) != (covariance28 == null)) {
      throw new IllegalArgumentException("An edge has both similarity and covariance, or neither");
    }
    if (covariance28 != null && covariance28.length != Sim3Tangent.PACKED) {
      throw new IllegalArgumentException(
          "A packed covariance has 28 numbers, was " + covariance28.length);
    }
    if (verdict == Verdict.ACCEPTED && aFromB == null) {
      throw new IllegalArgumentException("An accepted edge needs a similarity");
    }
  }

  public boolean accepted() {
    return verdict == Verdict.ACCEPTED;
  }

  /** The same edge under another verdict. */
  public Edge with(Verdict newVerdict) {
    return changed(kind, roundTripSigmas, newVerdict);
  }

  /** The same edge with what the way back says. */
  Edge withRoundTrip(double sigmas, Verdict newVerdict) {
    return changed(kind, sigmas, newVerdict);
  }

  /** The same edge, come from elsewhere. */
  public Edge as(Kind newKind) {
    return changed(newKind, roundTripSigmas, verdict);
  }

  /** The same edge of chunks that are numbered on from {@code first}. */
  public Edge numberedFrom(int first) {
    return changed(a.numberedFrom(first), b.numberedFrom(first), kind, roundTripSigmas, verdict);
  }

  private Edge changed(Kind newKind, double newRoundTripSigmas, Verdict newVerdict) {
    return changed(a, b, newKind, newRoundTripSigmas, newVerdict);
  }

  private Edge changed(
      ChunkId newA, ChunkId newB, Kind newKind, double newRoundTripSigmas, Verdict newVerdict) {
    return new Edge(
        newA,
        newB,
        newKind,
        aFromB,
        covariance28,
        sharedViews,
        inlierViews,
        pointPairs,
        inlierPoints,
        relativeRms,
        logFocalRatio,
        logScaleSpread,
        newRoundTripSigmas,
        newVerdict);
  }

  /** An edge without a measurement. */
  static Edge unmeasured(SharedEvidence shared, Verdict verdict) {
    return new Edge(
        shared.a(),
        shared.b(),
        Kind.OVERLAP,
        null,
        null,
        shared.views().size(),
        0,
        shared.pairs().size(),
        0,
        Double.NaN,
        shared.logFocalRatio(),
        shared.logScaleSpread(),
        Double.NaN,
        verdict);
  }
}
