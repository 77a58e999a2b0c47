package dev.tessera.synthetic;

import dev.tessera.geometry.RobustScale;
import dev.tessera.merge.Edge;
import dev.tessera.merge.MapFrames;
import dev.tessera.merge.MapFrames.ChunkFrame;
import java.util.List;

/**
 * How well a merge did on a city.
 *
 * @param rmseMeters root mean square distance of the middles of all placed, georeferenced chunks
 *     from the truth
 * @param placed chunks in the map
 * @param floating of them, those without georeference: they do not count in the errors
 * @param quarantined chunks taken out
 * @param edgesRejected edges that the merge took out
 * @param falseRejections of them, those that were right
 * @param badEdgesKept wrong edges that the merge believes
 */
public record CityScore(
    double rmseMeters,
    double medianMeters,
    int placed,
    int floating,
    int quarantined,
    int components,
    int edgesRejected,
    int falseRejections,
    int badEdgesKept) {

  public static CityScore of(SyntheticCity city, MapFrames frames) {
    double[] errors =
        frames.frames().stream()
            .filter(ChunkFrame::georeferenced)
            .mapToDouble(f -> city.errorMeters(f.chunk(), f.worldFromChunk()))
            .toArray();
    double squares = 0;
    for (double error : errors) {
      squares += error * error / errors.length;
    }
    int rejected = 0;
    int falsely = 0;
    int kept = 0;
    List<MapFrames.EdgeResult> edges = frames.edges();
    for (int e = 0; e < edges.size(); e++) {
      boolean isBad = city.badEdges().contains(e);
      boolean isRejected = edges.get(e).edge().verdict() == Edge.Verdict.INCONSISTENT;
      rejected += isRejected ? 1 : 0;
      falsely += isRejected && !isBad ? 1 : 0;
      kept += isBad && !isRejected ? 1 : 0;
    }
    int placed = frames.frames().size();
    return new CityScore(
        Math.sqrt(squares),
        errors.length == 0 ? Double.NaN : RobustScale.median(errors),
        placed,
        placed - errors.length,
        city.nodes().size() - placed,
        (int) frames.frames().stream().map(ChunkFrame::componentId).distinct().count(),
        rejected,
        falsely,
        kept);
  }
}
