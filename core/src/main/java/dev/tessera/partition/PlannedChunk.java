package dev.tessera.partition;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A chunk as the plan knows it: counts and extent, no views.
 *
 * @param owned views it owns
 * @param borrowed views it borrows from its neighbours
 * @param minEastMeters bounds of its occupied cells; NaN, like the other three, where no position
 *     is known
 * @param firstOrder smallest order in its cells
 * @param lastOrder largest order in its cells
 */
public record PlannedChunk(
    ChunkId id,
    Kind kind,
    int owned,
    int borrowed,
    double minEastMeters,
    double minNorthMeters,
    double maxEastMeters,
    double maxNorthMeters,
    long firstOrder,
    long lastOrder)
    implements Serializable {

  /** Views of the chunk, owned and borrowed. */
  public int views() {
    return owned + borrowed;
  }

  /** A chunk of views that are known one by one: its bounds are those of {@code extent}. */
  static PlannedChunk of(ChunkId id, Kind kind, int owned, int borrowed, List<ViewSite> extent) {
    return new PlannedChunk(
        id,
        kind,
        owned,
        borrowed,
        least(extent, ViewSite::eastMeters),
        least(extent, ViewSite::northMeters),
        most(extent, ViewSite::eastMeters),
        most(extent, ViewSite::northMeters),
        extent.stream().mapToLong(ViewSite::order).min().orElseThrow(),
        extent.stream().mapToLong(ViewSite::order).max().orElseThrow());
  }

  /** NaN if no site has a position. */
  static double least(List<ViewSite> sites, ToDoubleFunction<ViewSite> coordinate) {
    return sites.stream()
        .filter(ViewSite::hasPosition)
        .mapToDouble(coordinate)
        .min()
        .orElse(Double.NaN);
  }

  /** NaN if no site has a position. */
  static double most(List<ViewSite> sites, ToDoubleFunction<ViewSite> coordinate) {
    return sites.stream()
        .filter(ViewSite::hasPosition)
        .mapToDouble(coordinate)
        .max()
        .orElse(Double.NaN);
  }

  /** Whether it is known where its views are, beside their places in the sequence. */
  boolean placed() {
    return !Double.isNaN(minEastMeters);
  }

  /** The same chunk when others have taken its views. */
  public PlannedChunk withoutViews() {
    return new PlannedChunk(
        id,
        kind,
        0,
        0,
        minEastMeters,
        minNorthMeters,
        maxEastMeters,
        maxNorthMeters,
        firstOrder,
        lastOrder);
  }

  /**
   * The same chunk numbered on from {@code first}, its bounds seen from elsewhere.
   *
   * @param there from where bounds are, here to where they are to be; both null if there is nowhere
   */
  public PlannedChunk numberedFrom(int first, LocalFrame there, LocalFrame here) {
    Vec3 low = new Vec3(minEastMeters, minNorthMeters, 0);
    Vec3 high = new Vec3(maxEastMeters, maxNorthMeters, 0);
    boolean moves = placed() && !there.equals(here);
    Vec3 lowHere = moves ? here.toEnu(there.toGeo(low)) : low;
    Vec3 highHere = moves ? here.toEnu(there.toGeo(high)) : high;
    return new PlannedChunk(
        id.numberedFrom(first),
        kind,
        owned,
        borrowed,
        lowHere.x(),
        lowHere.y(),
        highHere.x(),
        highHere.y(),
        firstOrder,
        lastOrder);
  }

  /** What holds the views of a chunk together. */
  public enum Kind {
    /** Near each other in space. */
    SPATIAL,
    /** Successive in the sequence. */
    SEQUENCE,
    /** On both sides of a border, to join the chunks there: it owns none of them. */
    SEAM
  }
}
