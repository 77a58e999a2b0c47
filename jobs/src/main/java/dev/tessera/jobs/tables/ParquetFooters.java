package dev.tessera.jobs.tables;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.hadoop.util.HadoopOutputFile;

/**
 * Adds key-value metadata to Parquet files that Spark has written: its writer offers no way to. Row
 * groups are copied as bytes, nothing is decoded.
 */
public final class ParquetFooters {
  private ParquetFooters() {}

  /** Adds an entry to the footer of every Parquet file in a folder. */
  public static void add(Configuration conf, Path folder, String key, String value)
      throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    for (FileStatus file : fs.listStatus(folder)) {
      if (file.getPath().getName().endsWith(".parquet")) {
        rewrite(conf, fs, file.getPath(), key, value);
      }
    }
  }

  private static void rewrite(
      Configuration conf, FileSystem fs, Path file, String key, String value) throws IOException {
    Path rewritten = new Path(file.getParent(), "_" + file.getName());
    HadoopInputFile in = HadoopInputFile.fromPath(file, conf);
    FileMetaData meta;
    try (ParquetFileReader reader = ParquetFileReader.open(in)) {
      meta = reader.getFileMetaData();
    }
    Map<String, String> entries = new HashMap<>(meta.getKeyValueMetaData());
    entries.put(key, value);
    ParquetFileWriter out =
        new ParquetFileWriter(
            HadoopOutputFile.fromPath(rewritten, conf),
            meta.getSchema(),
            ParquetFileWriter.Mode.OVERWRITE,
            ParquetWriter.DEFAULT_BLOCK_SIZE,
            ParquetWriter.MAX_PADDING_SIZE_DEFAULT,
            ParquetProperties.DEFAULT_COLUMN_INDEX_TRUNCATE_LENGTH,
            ParquetProperties.DEFAULT_STATISTICS_TRUNCATE_LENGTH,
            ParquetProperties.DEFAULT_PAGE_WRITE_CHECKSUM_ENABLED);
    out.start();
    out.appendFile(in);
    out.end(entries);
    fs.delete(file, false);
    if (!fs.rename(rewritten, file)) {
      throw new IOException("Cannot rename " + rewritten + " to " + file);
    }
  }
}
