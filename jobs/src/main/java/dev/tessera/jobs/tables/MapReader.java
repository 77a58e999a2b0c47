package dev.tessera.jobs.tables;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;

/** Reads a published map without Spark, for commands that should answer at once. */
public final class MapReader {
  private final Configuration conf;
  private final Path map;

  public MapReader(Configuration conf, Path map) {
    this.conf = conf;
    this.map = map;
  }

  /** The part of a camera row that evaluation needs. */
  public record PosedPhoto(
      String name, int componentId, boolean georeferenced, Rigid3 cameraFromWorld) {}

  public List<PosedPhoto> cameras() throws IOException {
    List<PosedPhoto> cameras = new ArrayList<>();
    read("cameras", row -> cameras.add(camera(row)));
    return cameras;
  }

  /** Names of the photos that are not in the map. */
  public List<String> missingPhotos() throws IOException {
    List<String> names = new ArrayList<>();
    read(
        "failures",
        row -> {
          if (row.getString("kind", 0).equals("photo")) {
            names.add(row.getString("name", 0));
          }
        });
    return names;
  }

  private static PosedPhoto camera(Group g) {
    Quaternion q =
        new Quaternion(
            g.getDouble("qw", 0), g.getDouble("qx", 0), g.getDouble("qy", 0), g.getDouble("qz", 0));
    Vec3 t = new Vec3(g.getDouble("tx", 0), g.getDouble("ty", 0), g.getDouble("tz", 0));
    return new PosedPhoto(
        g.getString("name", 0),
        g.getInteger("component_id", 0),
        g.getBoolean("georeferenced", 0),
        new Rigid3(q, t));
  }

  private void read(String table, Consumer<Group> rows) throws IOException {
    Path folder = new Path(map, table);
    FileSystem fs = folder.getFileSystem(conf);
    for (FileStatus file : fs.listStatus(folder)) {
      if (file.getPath().getName().endsWith(".parquet")) {
        ParquetRows.read(conf, file.getPath(), rows);
      }
    }
  }
}
