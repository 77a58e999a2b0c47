package dev.tessera.jobs;

import static dev.tessera.jobs.SqlRows.real;
import static dev.tessera.jobs.SqlRows.rotation;
import static dev.tessera.jobs.SqlRows.vector;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.imagery.NetworkPhotoDecoder;
import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoReader;
import dev.tessera.imagery.View;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.Safetensors;
import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Blob;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The pipeline on a network with random weights: its geometry means nothing, but what it says must
 * reach the map as it was said, and must be what {@code model run} says of the same pixels.
 */
class NeuralPipelineTest {
  private static final int MAPPED = 12;
  private static final NetworkInput INPUT =
      new NetworkInput(NetworkInput.Mode.FIT, SmallModel.WIDTH, SmallModel.PATCH, 1);

  /** Numbers of float32 that went through a quaternion's normalisation and a sum or two. */
  private static final double FLOAT32_ERROR = 1e-5;

  private static SmallModel model;
  private static Path workspace;
  private static Path unseen;
  private static Path asked;

  @BeforeAll
  static void aMapOfTheFirstPhotosAndAQuestionAboutTheNext() throws IOException {
    model = SmallModel.make(SmallTown.newFolder("model"), true);
    Path photos = SmallTown.somePhotos(MAPPED);
    workspace = SmallTown.newFolder("neural");
    CommandLineRun run = run(photos, workspace, "vgg-t3");
    assertThat(run.exitCode()).as(run.err()).isZero();
    String next = SmallTown.names().get(MAPPED);
    Path questions = SmallTown.newFolder("questions");
    unseen = questions.resolve("next.jpg");
    Files.copy(SmallTown.photos().resolve(next), unseen);
    asked = answers(photos, questions.getParent().resolve("answers.safetensors"));
  }

  private static CommandLineRun run(Path photos, Path to, String engine) {
    return CommandLineRun.of(
        List.of("run", "--photos", photos.toString(), "--workspace", to.toString()),
        "--master",
        "local[2]",
        "--engine",
        engine,
        "--weights",
        model.weights().toString(),
        "--set",
        "network.model-config=" + model.config(),
        "--set",
        "network.size-px=" + SmallModel.WIDTH,
        "--set",
        "network.min-confidence=0");
  }

  /** What {@code model run} says of the photos that the map is made of, and of the unseen one. */
  private static Path answers(Path photos, Path out) throws IOException {
    List<Path> files = new ArrayList<>();
    for (String name : SmallTown.names().subList(0, MAPPED)) {
      files.add(photos.resolve(name));
    }
    List<TensorInfo> tensors =
        List.of(
            TensorInfo.of("map", DType.U8, MAPPED, 3, SmallModel.HEIGHT, SmallModel.WIDTH),
            TensorInfo.of("query", DType.U8, 1, 3, SmallModel.HEIGHT, SmallModel.WIDTH));
    Path images = out.resolveSibling("pixels.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(images, tensors, Map.of())) {
      for (Path file : files) {
        writer.write("map", ByteBuffer.wrap(pixels(file)));
      }
      writer.write("query", ByteBuffer.wrap(pixels(unseen)));
      writer.finish();
    }
    CommandLineRun run =
        model
            .withImages(images)
            .run(out, "--map-images", "map", "--query-images", "query", "--steps", "2");
    assertThat(run.exitCode()).as(run.err()).isZero();
    return out;
  }

  private static byte[] pixels(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    PhotoOutcome read =
        new PhotoReader(PhotoReader.Config.defaults())
            .read(file.toString(), file.getFileName().toString(), bytes);
    View view = ((PhotoOutcome.Accepted) read).view();
    NetworkPhotoDecoder.Outcome outcome =
        new NetworkPhotoDecoder(INPUT).decode(bytes, INPUT.plan(List.of(view)).photos().get(0));
    return ((NetworkPhotoDecoder.Outcome.Prepared) outcome).photo().planes();
  }

  @Test
  void everyViewIsInTheMapWithPointsAndACamera() throws SQLException {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(map.number("select count(*) from {cameras}")).isEqualTo(MAPPED);
      assertThat(map.number("select count(*) from {points}")).isPositive();
      assertThat(
              map.number(
                  "select count(*) from {cameras} where reprojection_rms_px is not null"
                      + " or not isfinite(qw + qx + qy + qz + x + y + z) or focal_px <= 0"))
          .isZero();
    }
  }

  @Test
  void theMapRemembersWhatModelRunDoes() throws Exception {
    try (MapSql map = MapSql.of(workspace);
        Safetensors said = Safetensors.open(asked)) {
      List<List<Object>> rows =
          map.rows("select name, kind, dtype, shape, blob from {memory} order by name");
      assertThat(rows).hasSize(3 * SmallModel.DEPTH + 1);
      for (List<Object> row : rows) {
        String name = "map." + row.get(0);
        assertThat(row.subList(1, 3)).containsExactly("fast-weights", "F32");
        assertClose(name, floats((Blob) row.get(4)), said.floats(name));
      }
    }
  }

  @Test
  void aLocatedPhotoIsWhereModelRunsQueryPutsIt() throws Exception {
    CommandLineRun run =
        CommandLineRun.of(
            "localize",
            "--workspace",
            workspace.toString(),
            "--photos",
            unseen.getParent().toString(),
            "--master",
            "local[2]");
    assertThat(run.exitCode()).as(run.err()).isZero();

    try (MapSql map = MapSql.of(workspace);
        Safetensors said = Safetensors.open(asked)) {
      List<Object> row =
          map.rows(
                  "select chunk_tx, chunk_ty, chunk_tz, chunk_qw, chunk_qx, chunk_qy, chunk_qz,"
                      + " confidence from {localize/localized} where status = 'located'")
              .get(0);
      double[] encoding = said.doubles("query.0.pose_enc");
      Vec3 translation = new Vec3(encoding[0], encoding[1], encoding[2]);
      Quaternion rotation = new Quaternion(encoding[6], encoding[3], encoding[4], encoding[5]);

      assertThat(vector(row, 0).distanceTo(translation))
          .isLessThan(FLOAT32_ERROR * (1 + translation.norm()));
      assertThat(rotation(row, 3).angleRadiansTo(rotation)).isLessThan(FLOAT32_ERROR);
      assertThat(real(row, 7)).isBetween(0.0, 1.0);
    }
  }

  @Test
  void weightsOfAnotherEngineAreRefusedBeforeSparkStarts() throws IOException {
    CommandLineRun run = run(SmallTown.photos(), SmallTown.newFolder("refused"), "vggt");

    assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .contains("Cannot run engine vggt on")
        .endsWith("these are weights of vgg-t3");
  }

  private static float[] floats(Blob blob) throws SQLException {
    byte[] bytes = blob.getBytes(1, (int) blob.length());
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private static void assertClose(String name, float[] actual, float[] expected) {
    assertThat(actual).as(name).hasSameSizeAs(expected);
    double magnitude = 0;
    double difference = 0;
    for (int i = 0; i < actual.length; i++) {
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    assertThat(difference / magnitude).as(name).isLessThan(FLOAT32_ERROR);
  }
}
