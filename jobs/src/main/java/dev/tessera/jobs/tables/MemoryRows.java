package dev.tessera.jobs.tables;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import dev.tessera.reconstruct.SceneMemory.Tensor;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The map's {@code memory} table, format.md: the only place that knows its columns. */
public final class MemoryRows {
  public static final StructType SCHEMA =
      new StructType()
          .add("chunk_id", IntegerType, false)
          .add("kind", StringType, false)
          .add("name", StringType, false)
          .add("dtype", StringType, false)
          .add("shape", DataTypes.createArrayType(IntegerType, false), false)
          .add(ParquetRows.BLOB, BinaryType, false);

  /**
   * How Spark is to write it: tensors are large and never alike, so they are not searched for
   * repetitions, and after each one it is asked whether the row group is full. A reader that wants
   * one chunk then skips the row groups of the others.
   */
  public static final Map<String, String> PARQUET_OPTIONS =
      Map.of(
          "parquet.enable.dictionary#" + ParquetRows.BLOB,
          "false",
          "parquet.page.size.row.check.min",
          "1",
          "parquet.page.size.row.check.max",
          "1");

  private MemoryRows() {}

  public static Row toRow(int chunk, String kind, Tensor tensor) {
    return RowFactory.create(
        chunk, kind, tensor.name(), tensor.dtype(), tensor.shape().toArray(), tensor.bytes());
  }

  /** Whether the row has as many bytes as its type and shape need. */
  public static boolean whole(Row row) {
    return row.<byte[]>getAs(5).length == Tensor.byteCount(row.getString(3), row.getList(4));
  }
}
