package dev.tessera.jobs.check;

import dev.tessera.jobs.MapManifest.FileEntry;
import dev.tessera.jobs.workspace.Digests;
import dev.tessera.map.GeoParquet;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * A file that the manifest lists, as it is.
 *
 * @param problem the rule it breaks as a file; null if it can be read and is what the manifest says
 * @param detail of the problem
 * @param rows and the next two: of the footer; of a Parquet file that can be read
 * @param schema as Parquet writes it
 * @param geo metadata of GeoParquet; null without
 */
record MapFile(FileEntry entry, String problem, String detail, long rows, String schema, String geo)
    implements Serializable {
  private static final String PARQUET = ".parquet";

  /** Looks at a file, on an executor. */
  static MapFile of(Configuration conf, String map, FileEntry entry, boolean digest)
      throws IOException {
    Path path = new Path(map, entry.path());
    try {
      long size = path.getFileSystem(conf).getFileStatus(path).getLen();
      if (size != entry.size()) {
        return broken(entry, "size", "%d bytes, not %d".formatted(size, entry.size()));
      }
      if (digest && !Digests.sha256(conf, path).equals(entry.sha256())) {
        return broken(entry, "digest", "its SHA-256 is not " + entry.sha256());
      }
    } catch (FileNotFoundException e) {
      return broken(entry, "missing", "there is no such file");
    }
    return entry.path().endsWith(PARQUET)
        ? footer(conf, path, entry)
        : new MapFile(entry, null, null, 0, null, null);
  }

  private static MapFile footer(Configuration conf, Path path, FileEntry entry) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf))) {
      return new MapFile(
          entry,
          null,
          null,
          reader.getRecordCount(),
          reader.getFileMetaData().getSchema().toString(),
          reader.getFileMetaData().getKeyValueMetaData().get(GeoParquet.METADATA_KEY));
    } catch (RuntimeException e) { // what Parquet says of a footer that is none
      return broken(entry, "unreadable", e.toString());
    }
  }

  private static MapFile broken(FileEntry entry, String rule, String detail) {
    return new MapFile(entry, rule, detail, 0, null, null);
  }

  /** The table that it is a part of; empty for a file that is no table's. */
  Optional<String> table() {
    int slash = entry.path().indexOf('/');
    return entry.path().endsWith(PARQUET) && slash > 0
        ? Optional.of(entry.path().substring(0, slash))
        : Optional.empty();
  }
}
