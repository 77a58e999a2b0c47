package dev.tessera.jobs;

import dev.tessera.jobs.tables.MemoryRows;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.jobs.workspace.ChunkStore;
import dev.tessera.reconstruct.SceneMemory;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;

/**
 * What the chunks of the map remember.
 *
 * @param chunks in the map, with a memory, by number
 * @param tensors of them all
 */
record MapMemory(List<Chunk> chunks, long tensors) {
  /** About half a gigabyte of the largest memories there are. */
  private static final int CHUNKS_PER_FILE = 8;

  /** A chunk, and where its scene is. */
  private record Chunk(int number, String storeKey, int tensors) implements Serializable {}

  static MapMemory of(Run run, MapSolution solution) {
    List<Chunk> chunks =
        solution.placements().values().stream()
            .map(p -> chunk(solution.outcomes().get(p.frame().chunk())))
            .filter(chunk -> chunk.tensors() > 0 && run.settings().flag("map.memory"))
            .sorted(Comparator.comparingInt(Chunk::number))
            .toList();
    return new MapMemory(chunks, chunks.stream().mapToLong(Chunk::tensors).sum());
  }

  private static Chunk chunk(Outcome outcome) {
    return new Chunk(outcome.chunk().value(), outcome.storeKey(), outcome.tensors());
  }

  /**
   * A row for each tensor, by chunk. A task reads one scene after the other from the store; nothing
   * is shuffled, nothing reaches the driver.
   */
  JavaRDD<Row> rows(Run run) {
    ChunkStore store = run.store();
    int files = 1 + (chunks.size() - 1) / CHUNKS_PER_FILE;
    return run.sc()
        .parallelize(chunks, files)
        .flatMap(
            chunk -> {
              SceneMemory memory = store.readMemory(chunk.storeKey());
              return memory.tensors().stream()
                  .map(tensor -> MemoryRows.toRow(chunk.number(), memory.kind(), tensor))
                  .iterator();
            });
  }
}
