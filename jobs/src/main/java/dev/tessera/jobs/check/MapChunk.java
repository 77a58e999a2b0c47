package dev.tessera.jobs.check;

import java.io.Serializable;
import org.apache.spark.sql.Row;

/**
 * What other tables must agree with of a chunk.
 *
 * @param component null for a chunk that is not in the map
 */
record MapChunk(int id, String status, String kind, Integer component, boolean georeferenced)
    implements Serializable {
  static MapChunk of(Row chunk) {
    return new MapChunk(
        chunk.getAs("chunk_id"),
        chunk.getAs("status"),
        chunk.getAs("kind"),
        chunk.getAs("component_id"),
        Boolean.TRUE.equals(chunk.getAs("georeferenced")));
  }
}
