package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.localize.Answer;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneMemory;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/**
 * What an executor does with photos to ask one chunk about: read its memory once, ask it of each.
 */
record LocateTask(
    EngineSpec engine,
    Broadcast<MemoryFiles> memories,
    HadoopPhotos photos,
    int chunksAtOnce,
    LongAccumulator done)
    implements Serializable {

  /**
   * @param batch photos of one chunk
   * @return answers by photo
   */
  Iterator<Tuple2<Long, Answer>> ask(Iterator<Tuple2<ChunkBatches.Key, View>> batch)
      throws Exception {
    if (!batch.hasNext()) {
      return List.<Tuple2<Long, Answer>>of().iterator();
    }
    return ExecutorEngine.use(engine, chunksAtOnce, opened -> answers(opened, batch)).iterator();
  }

  private List<Tuple2<Long, Answer>> answers(
      ReconstructionEngine opened, Iterator<Tuple2<ChunkBatches.Key, View>> batch)
      throws IOException {
    List<Tuple2<Long, Answer>> answers = new ArrayList<>();
    SceneMemory memory = null;
    while (batch.hasNext()) {
      Tuple2<ChunkBatches.Key, View> photo = batch.next();
      int chunk = photo._1().chunk();
      memory = memory == null ? memories.value().read(chunk) : memory;
      Answer answer = new Answer(new ChunkId(chunk), opened.locate(memory, photo._2(), photos));
      answers.add(new Tuple2<>(photo._1().imageId(), answer));
      done.add(1);
    }
    return answers;
  }
}
