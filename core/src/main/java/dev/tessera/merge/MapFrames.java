package dev.tessera.merge;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.partition.ChunkId;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where every chunk lies.
 *
 * @param frames one per chunk in the map, in the order of their ids
 * @param edges all edges, in the order of their chunks and kinds, each with what became of it
 * @param quarantined chunks that are wrong in themselves and not in the map, in the order of their
 *     ids
 * @param gpsBiases by component and sequence; empty where they were not asked for
 */
public record MapFrames(
    List<ChunkFrame> frames,
    List<EdgeResult> edges,
    List<Quarantined> quarantined,
    List<GpsBias> gpsBiases)
    implements Serializable {
  public MapFrames {
    gpsBiases = List.copyOf(gpsBiases);
    frames = List.copyOf(frames);
    edges = List.copyOf(edges);
    quarantined = List.copyOf(quarantined);
  }

  /** Frames of a map whose GPS is taken as it reads. */
  public MapFrames(List<ChunkFrame> frames, List<EdgeResult> edges, List<Quarantined> quarantined) {
    this(frames, edges, quarantined, List.of());
  }

  /**
   * By how much the GPS of a sequence is off: what it reads is the truth plus this.
   *
   * @param meters east, north, up
   * @param horizontalSigmaMeters one standard deviation along an axis
   */
  public record GpsBias(
      int componentId,
      String sequence,
      Vec3 meters,
      double horizontalSigmaMeters,
      double verticalSigmaMeters)
      implements Serializable {
    GpsBias inComponent(int id) {
      return new GpsBias(id, sequence, meters, horizontalSigmaMeters, verticalSigmaMeters);
    }
  }

  /**
   * The same map without the components of which all chunks are of a kind that is nothing by
   * itself: the edges that joined them to the rest proved wrong. Those between them are not used
   * either. Components are numbered anew.
   */
  public MapFrames withoutLone(Predicate<ChunkId> kind) {
    SortedSet<Integer> kept = new TreeSet<>();
    for (ChunkFrame frame : frames) {
      if (!kind.test(frame.chunk())) {
        kept.add(frame.componentId());
      }
    }
    List<ChunkFrame> staying = new ArrayList<>();
    List<Quarantined> out = new ArrayList<>(quarantined);
    for (ChunkFrame frame : frames) {
      if (kept.contains(frame.componentId())) {
        staying.add(frame.inComponent(kept.headSet(frame.componentId()).size()));
      } else {
        out.add(lone(frame.chunk()));
      }
    }
    out.sort(Comparator.comparing(Quarantined::chunk));
    List<GpsBias> biases =
        gpsBiases.stream()
            .filter(bias -> kept.contains(bias.componentId()))
            .map(bias -> bias.inComponent(kept.headSet(bias.componentId()).size()))
            .toList();
    if (staying.size() == frames.size()) {
      return this;
    }
    Set<ChunkId> there = staying.stream().map(ChunkFrame::chunk).collect(Collectors.toSet());
    List<EdgeResult> left = edges.stream().map(result -> result.within(there)).toList();
    return new MapFrames(staying, left, out, biases);
  }

  private Quarantined lone(ChunkId chunk) {
    int contradictions =
        (int)
            edges.stream()
                .map(EdgeResult::edge)
                .filter(edge -> edge.verdict() == Edge.Verdict.INCONSISTENT)
                .filter(edge -> edge.a().equals(chunk) || edge.b().equals(chunk))
                .count();
    return new Quarantined(chunk, contradictions, 0, Double.NaN, Double.NaN, Double.NaN);
  }

  /** How a chunk got its frame. */
  public enum Status {
    /** By its own GPS, and its edges if it has any. */
    ANCHORED,
    /** Through its edges only, to chunks with GPS. */
    CONNECTED,
    /** Through its edges; its own GPS contradicts them and is left out. */
    GPS_REJECTED,
    /** Its component has no usable GPS: the frame is that of the component's first chunk. */
    FLOATING
  }

  /**
   * The frame of one chunk.
   *
   * @param worldFromChunk ENU metres where georeferenced; else from the chunk into the gauge of the
   *     component's chunk with the lowest id
   * @param componentId 0 for the component with the most cameras
   * @param positionSigmaMeters one standard deviation per axis (root mean square of the three) of
   *     the chunk's centre; in units of the gauge chunk where not georeferenced
   * @param rotationSigmaDegrees the same of the rotation
   * @param logScaleSigma one standard deviation of the log scale
   * @param gpsResidualSigmas root mean square of the chunk's GPS residuals in sigmas, biases taken
   *     off (1 is expected); NaN without GPS or where not georeferenced
   * @param edgeResidualSigmas median over the accepted edges of the residual in sigmas (1 is
   *     expected); NaN without edges
   */
  public record ChunkFrame(
      ChunkId chunk,
      Sim3 worldFromChunk,
      int componentId,
      boolean georeferenced,
      double positionSigmaMeters,
      double rotationSigmaDegrees,
      double logScaleSigma,
      double gpsResidualSigmas,
      double edgeResidualSigmas,
      Status status)
      implements Serializable {

    private ChunkFrame inComponent(int number) {
      return new ChunkFrame(
          chunk,
          worldFromChunk,
          number,
          georeferenced,
          positionSigmaMeters,
          rotationSigmaDegrees,
          logScaleSigma,
          gpsResidualSigmas,
          edgeResidualSigmas,
          status);
    }
  }

  /**
   * What became of an edge.
   *
   * @param weight robust weight in [0, 1] at the solution; 0 for an edge that is not used
   * @param residualSigmas its residual at the solution in sigmas per coordinate (1 is expected);
   *     NaN where it has no similarity or joins two components
   */
  public record EdgeResult(Edge edge, double weight, double residualSigmas)
      implements Serializable {

    private EdgeResult within(Set<ChunkId> chunks) {
      return !edge.accepted() || (chunks.contains(edge.a()) && chunks.contains(edge.b()))
          ? this
          : new EdgeResult(edge.with(Edge.Verdict.INCONSISTENT), 0, residualSigmas);
    }
  }

  /**
   * A chunk that the rest of the map contradicts.
   *
   * @param contradictions edges to sound chunks, and its own GPS, that are against it
   * @param witnesses edges and GPS that are for it: no two that agree
   * @param rotationDegrees median over those edges by how much they disagree about its rotation,
   * @param distanceMeters its place,
   * @param scaleFactor and its scale, 1 or more; NaN where no such edge is left to compare with
   */
  public record Quarantined(
      ChunkId chunk,
      int contradictions,
      int witnesses,
      double rotationDegrees,
      double distanceMeters,
      double scaleFactor)
      implements Serializable {

    /** For people. */
    public String detail() {
      String against =
          "%d of its edges and GPS contradict it, %d do not".formatted(contradictions, witnesses);
      return Double.isNaN(rotationDegrees)
          ? against
          : "%s; edges are off by %.1f degrees, %.1f m, scale x%.2f"
              .formatted(against, rotationDegrees, distanceMeters, scaleFactor);
    }
  }

  /** The frame of a chunk, if it is in the map. */
  public Optional<ChunkFrame> of(ChunkId chunk) {
    int low = 0;
    int high = frames.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = frames.get(middle).chunk().compareTo(chunk);
      if (order == 0) {
        return Optional.of(frames.get(middle));
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle - 1;
    }
    return Optional.empty();
  }
}
