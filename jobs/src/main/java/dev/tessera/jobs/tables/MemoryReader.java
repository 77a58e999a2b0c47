package dev.tessera.jobs.tables;

import static org.apache.parquet.filter2.predicate.FilterApi.binaryColumn;
import static org.apache.parquet.filter2.predicate.FilterApi.eq;
import static org.apache.parquet.filter2.predicate.FilterApi.intColumn;

import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.api.Binary;

/** Reads single chunks of the table of {@link MemoryRows} inside a task. */
public final class MemoryReader {
  private static final String CHUNK_ID = "chunk_id";

  private MemoryReader() {}

  /** The chunks that a file of the table has rows of. */
  public static Set<Integer> chunks(Configuration conf, String file) throws IOException {
    Configuration oneColumn = new Configuration(conf);
    oneColumn.set(
        ReadSupport.PARQUET_READ_SCHEMA, "message memory { required int32 " + CHUNK_ID + "; }");
    Set<Integer> chunks = new TreeSet<>();
    ParquetRows.read(oneColumn, new Path(file), row -> chunks.add(row.getInteger(CHUNK_ID, 0)));
    return chunks;
  }

  /** The bytes of the tensors of one name, by chunk, of a file of the table. */
  public static Map<Integer, byte[]> tensors(Configuration conf, String file, String name)
      throws IOException {
    Map<Integer, byte[]> tensors = new TreeMap<>();
    ParquetRows.read(
        conf,
        new Path(file),
        eq(binaryColumn("name"), Binary.fromString(name)),
        row ->
            tensors.put(
                row.getInteger(CHUNK_ID, 0), row.getBinary(ParquetRows.BLOB, 0).getBytes()));
    return tensors;
  }

  /**
   * The memory of one chunk; {@link SceneMemory#NONE} if it has none.
   *
   * @param files of the table, those that hold rows of the chunk at least
   */
  public static SceneMemory read(Configuration conf, List<String> files, int chunk)
      throws IOException {
    List<String> kinds = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    for (String file : files) {
      ParquetRows.read(
          conf,
          new Path(file),
          eq(intColumn(CHUNK_ID), chunk),
          row -> {
            kinds.add(row.getString("kind", 0));
            tensors.add(tensor(row));
          });
    }
    return tensors.isEmpty() ? SceneMemory.NONE : new SceneMemory(kinds.get(0), tensors);
  }

  private static Tensor tensor(Group row) {
    Group list = row.getGroup("shape", 0);
    List<Integer> shape = new ArrayList<>();
    for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
      shape.add(list.getGroup(0, i).getInteger(0, 0));
    }
    return new Tensor(
        row.getString("name", 0),
        row.getString("dtype", 0),
        shape,
        row.getBinary(ParquetRows.BLOB, 0).getBytes());
  }
}
