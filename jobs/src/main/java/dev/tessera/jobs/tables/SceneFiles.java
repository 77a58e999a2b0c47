package dev.tessera.jobs.tables;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkScene.Unregistered;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.SceneMemory.Tensor;
import dev.tessera.reconstruct.ScenePoints;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * The files of one chunk in the store, format.md section "Chunk store": the only place that knows
 * their columns.
 */
public final class SceneFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final MessageType CAMERAS =
      MessageTypeParser.parseMessageType(
          """
          message cameras {
            required int64 image_id;
            required double qw; required double qx; required double qy; required double qz;
            required double tx; required double ty; required double tz;
            required int32 width; required int32 height;
            required double focal_px; required double cx; required double cy;
            required double k1; required double k2;
            required int32 observations; required double reprojection_rms_px;
          }""");

  private static final MessageType POINTS =
      MessageTypeParser.parseMessageType(
          """
          message points {
            required float x; required float y; required float z;
            required int32 rgb; required float confidence; required int32 observations;
          }""");

  private static final MessageType OBSERVATIONS =
      MessageTypeParser.parseMessageType(
          """
          message observations {
            required int32 camera; required float u; required float v;
          }""");

  private static final MessageType MEMORY =
      MessageTypeParser.parseMessageType(
          """
          message memory {
            required binary kind (STRING); required binary name (STRING);
            required binary dtype (STRING); repeated int32 shape; required binary blob;
          }""");

  /** Tensors are large: no more of them is held than this and the next one. */
  private static final long MEMORY_ROW_GROUP_BYTES = 4 << 20;

  /** The files of every scene. */
  private static final Set<String> ALWAYS =
      Set.of("cameras.parquet", "points.parquet", "observations.parquet", "scene.json");

  private SceneFiles() {}

  /**
   * The part of a scene that is not a table.
   *
   * @param tensors of its memory
   */
  record Header(
      int points,
      int observations,
      List<UnregisteredJson> unregistered,
      long[] residuals,
      int tensors) {}

  record UnregisteredJson(long view, String reason, String detail) {}

  public static void write(Configuration conf, Path folder, ChunkScene scene) throws IOException {
    writeCameras(conf, new Path(folder, "cameras.parquet"), scene.cameras());
    writePoints(conf, folder, scene.points());
    Header header =
        new Header(
            scene.points().count(),
            scene.points().observationCount(),
            scene.unregistered().stream()
                .map(u -> new UnregisteredJson(u.view().value(), u.reason().name(), u.detail()))
                .toList(),
            scene.residuals().counts(),
            scene.memory().tensors().size());
    if (!scene.memory().isEmpty()) {
      writeMemory(conf, memoryFile(folder), scene.memory());
    }
    FileSystem fs = folder.getFileSystem(conf);
    try (OutputStream out = fs.create(new Path(folder, "scene.json"), true)) {
      JSON.writeValue(out, header);
    }
  }

  /**
   * Refuses a folder that has lost files since they were written: a driver that took the workspace
   * over removes what it finds unfinished.
   */
  public static void requireWhole(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    Set<String> there = new HashSet<>();
    for (FileStatus file : fs.listStatus(folder)) {
      there.add(file.getPath().getName());
    }
    if (!there.containsAll(ALWAYS)) {
      throw new IOException("Cannot publish " + folder + ": it has only " + there);
    }
  }

  /**
   * Reads a scene back without its memory, which may be larger than all the rest; it is given the
   * id that the chunk has in the present partition.
   */
  public static ChunkScene read(Configuration conf, Path folder, ChunkId chunk) throws IOException {
    Header header = readHeader(conf, folder);
    return new ChunkScene(
        chunk,
        readCameras(conf, folder),
        readPoints(conf, folder, header),
        unregistered(header),
        ResidualHistogram.ofCounts(header.residuals()),
        SceneMemory.NONE);
  }

  public static List<SceneCamera> readCameras(Configuration conf, Path folder) throws IOException {
    List<SceneCamera> cameras = new ArrayList<>();
    ParquetRows.read(conf, new Path(folder, "cameras.parquet"), row -> cameras.add(toCamera(row)));
    return cameras;
  }

  public static List<Unregistered> readUnregistered(Configuration conf, Path folder)
      throws IOException {
    return unregistered(readHeader(conf, folder));
  }

  /** The memory of a scene; {@link SceneMemory#NONE} if it keeps none. */
  public static SceneMemory readMemory(Configuration conf, Path folder) throws IOException {
    if (readHeader(conf, folder).tensors() == 0) {
      return SceneMemory.NONE;
    }
    List<String> kinds = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    ParquetRows.read(
        conf,
        memoryFile(folder),
        row -> {
          kinds.add(row.getString("kind", 0));
          tensors.add(toTensor(row));
        });
    return new SceneMemory(kinds.get(0), tensors);
  }

  /** How many tensors the memory of a scene has. */
  public static int countTensors(Configuration conf, Path folder) throws IOException {
    return readHeader(conf, folder).tensors();
  }

  private static Path memoryFile(Path folder) {
    return new Path(folder, "memory.parquet");
  }

  private static Header readHeader(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    try (InputStream in = fs.open(new Path(folder, "scene.json"))) {
      return JSON.readValue(in, Header.class);
    }
  }

  private static List<Unregistered> unregistered(Header header) {
    return header.unregistered().stream()
        .map(
            u ->
                new Unregistered(
                    new ViewId(u.view()), Unregistered.Reason.valueOf(u.reason()), u.detail()))
        .toList();
  }

  private static void writeCameras(Configuration conf, Path file, List<SceneCamera> cameras)
      throws IOException {
    ParquetRows.write(
        conf,
        file,
        CAMERAS,
        cameras.size(),
        (row, i) -> {
          SceneCamera c = cameras.get(i);
          Quaternion q = c.cameraFromChunk().rotation();
          Vec3 t = c.cameraFromChunk().translation();
          Intrinsics k = c.intrinsics();
          row.put(c.view().value()).put(q.w()).put(q.x()).put(q.y()).put(q.z());
          row.put(t.x()).put(t.y()).put(t.z()).put(k.width()).put(k.height());
          row.put(k.focalPixels()).put(k.cx()).put(k.cy()).put(k.k1()).put(k.k2());
          row.put(c.observations()).put(c.reprojectionRmsPixels());
        });
  }

  private static void writeMemory(Configuration conf, Path file, SceneMemory memory)
      throws IOException {
    ParquetRows.writeBlobs(
        conf,
        file,
        MEMORY,
        MEMORY_ROW_GROUP_BYTES,
        memory.tensors().size(),
        (row, i) -> {
          Tensor t = memory.tensors().get(i);
          row.put(memory.kind()).put(t.name()).put(t.dtype()).put(t.shape()).put(t.bytes());
        });
  }

  private static Tensor toTensor(Group g) {
    List<Integer> shape = new ArrayList<>();
    for (int i = 0; i < g.getFieldRepetitionCount("shape"); i++) {
      shape.add(g.getInteger("shape", i));
    }
    byte[] bytes = g.getBinary(ParquetRows.BLOB, 0).getBytes();
    return new Tensor(g.getString("name", 0), g.getString("dtype", 0), shape, bytes);
  }

  private static SceneCamera toCamera(Group g) {
    Quaternion rotation =
        new Quaternion(real(g, "qw"), real(g, "qx"), real(g, "qy"), real(g, "qz"));
    Vec3 translation = new Vec3(real(g, "tx"), real(g, "ty"), real(g, "tz"));
    Intrinsics intrinsics =
        new Intrinsics(
            g.getInteger("width", 0),
            g.getInteger("height", 0),
            real(g, "focal_px"),
            real(g, "cx"),
            real(g, "cy"),
            real(g, "k1"),
            real(g, "k2"));
    return new SceneCamera(
        new ViewId(g.getLong("image_id", 0)),
        new Rigid3(rotation, translation),
        intrinsics,
        g.getInteger("observations", 0),
        real(g, "reprojection_rms_px"));
  }

  private static double real(Group group, String field) {
    return group.getDouble(field, 0);
  }

  private static void writePoints(Configuration conf, Path folder, ScenePoints points)
      throws IOException {
    ParquetRows.write(
        conf,
        new Path(folder, "points.parquet"),
        POINTS,
        points.count(),
        (row, i) -> {
          Vec3 x = points.position(i);
          row.put((float) x.x()).put((float) x.y()).put((float) x.z());
          row.put(points.rgb(i)).put(points.confidence(i));
          row.put(points.observationsEnd(i) - points.observationsBegin(i));
        });
    ParquetRows.write(
        conf,
        new Path(folder, "observations.parquet"),
        OBSERVATIONS,
        points.observationCount(),
        (row, i) -> row.put(points.cameraOf(i)).put(points.uOf(i)).put(points.vOf(i)));
  }

  private static ScenePoints readPoints(Configuration conf, Path folder, Header header)
      throws IOException {
    FloatBuffer xyz = FloatBuffer.allocate(3 * header.points());
    ByteBuffer rgb = ByteBuffer.allocate(3 * header.points());
    FloatBuffer confidence = FloatBuffer.allocate(header.points());
    int[] start = new int[header.points() + 1];
    ParquetRows.read(
        conf,
        new Path(folder, "points.parquet"),
        row -> {
          int point = confidence.position();
          xyz.put(row.getFloat(0, 0)).put(row.getFloat(1, 0)).put(row.getFloat(2, 0));
          int color = row.getInteger(3, 0);
          rgb.put((byte) (color >> 16)).put((byte) (color >> 8)).put((byte) color);
          confidence.put(row.getFloat(4, 0));
          start[point + 1] = start[point] + row.getInteger(5, 0);
        });
    IntBuffer camera = IntBuffer.allocate(header.observations());
    FloatBuffer pixel = FloatBuffer.allocate(2 * header.observations());
    ParquetRows.read(
        conf,
        new Path(folder, "observations.parquet"),
        row -> {
          camera.put(row.getInteger(0, 0));
          pixel.put(row.getFloat(1, 0)).put(row.getFloat(2, 0));
        });
    return new ScenePoints(
        xyz.array(), rgb.array(), confidence.array(), start, camera.array(), pixel.array());
  }
}
