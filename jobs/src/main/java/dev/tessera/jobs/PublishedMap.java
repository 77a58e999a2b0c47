package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.jobs.tables.CameraRows;
import dev.tessera.jobs.tables.CameraRows.MapCamera;
import dev.tessera.jobs.tables.ChunkRows;
import dev.tessera.jobs.tables.Tables;
import dev.tessera.localize.PlacedChunk;
import dev.tessera.map.Bounds;
import dev.tessera.merge.MapFrames.ChunkFrame;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * The tables of a map that is published.
 *
 * @param origins of all its chunks
 * @param frames of the chunks that are in it, by number
 */
record PublishedMap(
    Run run,
    Path folder,
    MapManifest manifest,
    List<ChunkRows.Origin> origins,
    Map<Integer, ChunkFrame> frames) {
  static PublishedMap of(Run run, MapManifest manifest) throws IOException {
    Path folder = run.workspace().map();
    Map<Integer, ChunkFrame> frames = new HashMap<>();
    List<Row> chunks = table(run, folder, "chunks", ChunkRows.SCHEMA).collect();
    chunks.stream()
        .map(ChunkRows::frame)
        .filter(Objects::nonNull)
        .forEach(frame -> frames.put(frame.chunk().value(), frame));
    List<ChunkRows.Origin> origins = chunks.stream().map(ChunkRows::origin).toList();
    return new PublishedMap(run, folder, manifest, origins, frames);
  }

  JavaRDD<MapCamera> cameras() {
    return table(run, folder, "cameras", CameraRows.SCHEMA).map(CameraRows::fromRow);
  }

  /** The ENU frame of its coordinates; null if nothing is georeferenced. */
  LocalFrame world() {
    return manifest.world();
  }

  /**
   * Those of the given chunks that are in the map with a camera. One whose every photo the map
   * takes from its neighbours has no place of its own, and they know the same.
   */
  List<PlacedChunk> placed(Set<Integer> chunks) {
    Map<Integer, Bounds> bounds =
        new HashMap<>(
            cameras()
                .mapToPair(c -> new Tuple2<>(c.chunkId(), boundsOf(c)))
                .reduceByKey(Bounds::union)
                .collectAsMap()); // one box per chunk
    bounds.keySet().retainAll(chunks);
    return bounds.entrySet().stream()
        .map(e -> new PlacedChunk(frames.get(e.getKey()), e.getValue()))
        .toList();
  }

  private static Bounds boundsOf(MapCamera camera) {
    return Bounds.empty().including(camera.cameraFromWorld().center());
  }

  private static JavaRDD<Row> table(Run run, Path folder, String name, StructType schema) {
    return Tables.read(run.spark(), schema, new Path(folder, name));
  }
}
