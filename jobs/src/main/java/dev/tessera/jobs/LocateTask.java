package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.localize.Answer;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoPose;
import dev.tessera.reconstruct.PhotoPose.NotLocated;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.reconstruct.SceneMemory;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
  private static final Logger LOG = LoggerFactory.getLogger(LocateTask.class);

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
      answers.add(new Tuple2<>(photo._1().imageId(), answer(opened, chunk, memory, photo._2())));
      done.add(1);
    }
    return answers;
  }

  /**
   * What the chunk says about the photo. What the engine throws is a reason for having no pose;
   * only a photo that cannot be fetched is left to Spark, which tries again.
   */
  private Answer answer(ReconstructionEngine opened, int chunk, SceneMemory memory, View photo)
      throws IOException {
    ChunkId id = new ChunkId(chunk);
    try {
      return new Answer(id, opened.locate(memory, photo, photos));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("Engine {} failed on {} in chunk {}", engine.engineName(), photo.name(), id, e);
      return new Answer(id, new NotLocated(PhotoPose.Reason.ENGINE_ERROR, e.toString()));
    }
  }
}
