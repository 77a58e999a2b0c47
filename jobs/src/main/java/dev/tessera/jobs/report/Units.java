package dev.tessera.jobs.report;

import dev.tessera.jobs.report.MapReport.Camera;
import dev.tessera.jobs.report.MapReport.Chunk;
import dev.tessera.jobs.report.MapReport.Edge;
import java.util.Set;
import java.util.stream.Collectors;

/** In what unit a chunk's lengths are: metres where its component is georeferenced. */
final class Units {
  static final String METRES = "m";
  static final String CHUNK_UNITS = "chunk units";

  private final Set<Integer> chunksInMetres;

  Units(MapReport report) {
    Set<Integer> components =
        report.cameras().stream()
            .filter(Camera::georeferenced)
            .map(Camera::component)
            .collect(Collectors.toSet());
    chunksInMetres =
        report.chunks().stream()
            .filter(c -> components.contains(c.component()))
            .map(Chunk::id)
            .collect(Collectors.toSet());
  }

  String of(Chunk chunk) {
    return chunksInMetres.contains(chunk.id()) ? METRES : CHUNK_UNITS;
  }

  /** Edges are measured in world units as soon as one end is in the world. */
  String of(Edge edge) {
    boolean inMetres =
        chunksInMetres.contains(edge.chunkA()) || chunksInMetres.contains(edge.chunkB());
    return inMetres ? METRES : CHUNK_UNITS;
  }
}
