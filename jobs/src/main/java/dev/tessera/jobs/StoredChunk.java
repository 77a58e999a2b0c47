package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.OutcomeRows.Outcome;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkViews;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * A chunk with a scene in the store, and what else is known of its views.
 *
 * @param views in the frame of the world
 * @param chunksPerView in how many chunks with a scene each of its views is: what is known of a
 *     view must count once in all of them
 */
record StoredChunk(ChunkId id, String storeKey, ChunkViews views, Map<Long, Integer> chunksPerView)
    implements Serializable {

  /**
   * All of them; a task takes many, one after the other. Shuffles their views to them.
   *
   * @param outcomes of all chunks, by id
   */
  static JavaRDD<StoredChunk> all(
      Run run, JavaRDD<Membership> memberships, Map<ChunkId, Outcome> outcomes) throws IOException {
    LocalFrame world = IngestJob.world(run);
    Broadcast<Map<Integer, String>> keys = run.sc().broadcast(AlignJob.storeKeys(outcomes));
    ChunkPartitioner perChunk = new ChunkPartitioner(outcomes.size());
    JavaRDD<Membership> stored =
        memberships.filter(m -> keys.value().containsKey(m.chunk().value()));
    return ChunkTables.membersByChunk(run, stored, perChunk)
        .join(ChunkTables.chunksPerView(stored, perChunk), perChunk)
        .map(chunk -> of(new ChunkId(chunk._1()), chunk._2(), keys.value(), world))
        .coalesce(run.tasksFor(outcomes.size()));
  }

  private static StoredChunk of(
      ChunkId id,
      Tuple2<List<ChunkMembers.Member>, Map<Long, Integer>> known,
      Map<Integer, String> keys,
      LocalFrame world) {
    ChunkViews views = new ChunkMembers(id, known._1()).views(world);
    return new StoredChunk(id, keys.get(id.value()), views, known._2());
  }
}
