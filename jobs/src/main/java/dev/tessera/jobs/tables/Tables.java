package dev.tessera.jobs.tables;

import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Moves tables between Parquet and resilient data sets of rows. */
public final class Tables {
  private Tables() {}

  public static void write(SparkSession spark, JavaRDD<Row> rows, StructType schema, Path folder) {
    spark.createDataFrame(rows, schema).write().parquet(folder.toString());
  }

  public static JavaRDD<Row> read(SparkSession spark, StructType schema, Path folder) {
    return spark.read().schema(schema).parquet(folder.toString()).javaRDD();
  }
}
