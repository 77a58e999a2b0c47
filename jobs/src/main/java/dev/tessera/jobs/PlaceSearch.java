package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.localize.ChunkChoice;
import dev.tessera.localize.ChunkChoice.Ask;
import dev.tessera.localize.ChunkChoice.AskNone;
import dev.tessera.localize.PlaceIndex;
import dev.tessera.localize.PlacedChunk;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneMemory;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which chunks to ask about a photo where nothing but its looks says so. The index is made once in
 * each JVM, when the first such photo comes, by reading the map's keys; {@code
 * localize.index-bytes} bounds it.
 *
 * @param id of this search: an index is kept as long as no other is asked for
 * @param chunks that can be asked
 * @param most chunks to ask about a photo
 */
record PlaceSearch(
    String id,
    EngineSpec engine,
    Broadcast<MemoryFiles> memories,
    Broadcast<Set<Integer>> chunks,
    HadoopPhotos photos,
    int chunksAtOnce,
    int most,
    long indexBytes)
    implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(PlaceSearch.class);

  private static String indexId;
  private static PlaceIndex index;

  static PlaceSearch of(Run run, MemoryFiles memories, List<PlacedChunk> placed) {
    Set<Integer> chunks =
        placed.stream().map(c -> c.frame().chunk().value()).collect(Collectors.toSet());
    return new PlaceSearch(
        UUID.randomUUID().toString(),
        run.engine(),
        run.sc().broadcast(memories),
        run.sc().broadcast(chunks),
        new HadoopPhotos(new SerializableConfiguration(run.sc().hadoopConfiguration())),
        run.settings().integer("reconstruct.chunks-at-once"),
        run.settings().integer("localize.candidates"),
        (long) run.settings().number("localize.index-bytes"));
  }

  /** The choice as it is, or the likeliest chunks where they are too many to ask all. */
  ChunkChoice narrowed(View photo, ChunkChoice choice) throws Exception {
    boolean tooMany =
        choice instanceof AskNone none && none.reason() == ChunkChoice.Reason.TOO_MANY_CHUNKS;
    if (!tooMany || !engine.hasKeys()) {
      return choice;
    }
    return ExecutorEngine.use(engine, chunksAtOnce, opened -> likeliest(opened, photo, choice));
  }

  /**
   * The likeliest chunks, or the choice as it is where the photo has no keys. What the engine
   * throws is a reason to ask none; only a photo that cannot be fetched is left to Spark, which
   * tries again.
   */
  private ChunkChoice likeliest(ReconstructionEngine opened, View photo, ChunkChoice choice)
      throws IOException {
    byte[] keys;
    try {
      keys = opened.keys(photo, photos);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("Engine {} failed on {}", engine.engineName(), photo.name(), e);
      return new AskNone(ChunkChoice.Reason.ENGINE_ERROR, e.toString());
    }
    if (keys.length == 0) {
      return choice;
    }
    List<ChunkId> likeliest =
        index(this).search(keys, most).stream().map(PlaceIndex.Candidate::chunk).toList();
    return likeliest.isEmpty() ? choice : new Ask(likeliest);
  }

  private static synchronized PlaceIndex index(PlaceSearch search) throws IOException {
    if (!search.id.equals(indexId)) {
      index = null;
      Set<Integer> chunks = search.chunks.value();
      int landmarks = PlaceIndex.landmarksPerChunk(Math.max(1, chunks.size()), search.indexBytes);
      index =
          PlaceIndex.of(
              search
                  .memories
                  .value()
                  .starts(SceneMemory.KEYS, chunks, PlaceIndex.bytesOfKeys(landmarks)),
              search.indexBytes);
      indexId = search.id;
    }
    return index;
  }
}
