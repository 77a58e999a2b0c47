package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtScene;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.InputGeometry;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.merge.Edge;
import dev.tessera.merge.EdgeEstimator;
import dev.tessera.partition.ChunkId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the network says, and what becomes of it in the scene. One thread: numbers are equal. */
class VggtSceneTest {
  /** Rounding of the stored ramp, of both passes of the resize: half a level each. */
  private static final double COLOR_ERROR_LEVELS = 1.5;

  /** Filters reach three pixels of the input beyond a pixel, and photos end at their edges. */
  private static final int FILTER_REACH_PIXELS = 3;

  /** A coordinate is rounded to float32 in the camera, in the chunk and as a pixel. */
  private static final double FLOAT_ROUNDING = 3 * Math.pow(2, -24);

  @TempDir static Path folder;
  private static VggtSpec softmax;
  private static GradientPhotos mixed;

  @BeforeAll
  static void writeNetwork() {
    softmax = VggtEngineTest.spec(folder, RandomVggt.softmax());
    mixed =
        new GradientPhotos()
            .with(480, 360, 1)
            .with(300, 500, 1)
            .with(480, 360, 3)
            .with(360, 480, 6)
            .with(330, 440, 8)
            .with(640, 360, 1);
  }

  private static VggtSpec with(VggtSpec spec, NetworkInput.Mode mode, double minConfidence) {
    return new VggtSpec(
        spec.engineName(),
        spec.weights(),
        spec.modelConfig(),
        spec.digest(),
        spec.weightBytes(),
        new NetworkInput(mode, 70, 14, 1),
        spec.precision(),
        spec.options(),
        new VggtSpec.PointSelection(minConfidence, 2));
  }

  private static VggtSpec with(VggtSpec spec, Vggt.Options options) {
    return new VggtSpec(
        spec.engineName(),
        spec.weights(),
        spec.modelConfig(),
        spec.digest(),
        spec.weightBytes(),
        spec.input(),
        spec.precision(),
        options,
        spec.points());
  }

  private static ChunkScene scene(VggtSpec spec, ChunkViews chunk, PhotoSource photos)
      throws IOException {
    try (ReconstructionEngine engine = spec.open(1)) {
      return ReconstructionEngineContract.scene(engine.reconstruct(chunk, photos, Progress.NONE));
    }
  }

  @ParameterizedTest
  @EnumSource(NetworkInput.Mode.class)
  void pointsHaveTheColourOfTheirPixelInTheUprightPhoto(NetworkInput.Mode mode) throws IOException {
    VggtSpec spec = with(softmax, mode, 0);
    ChunkScene scene = scene(spec, mixed.chunk(), mixed.source());
    ScenePoints points = scene.points();
    int inside = 0;
    for (int i = 0; i < points.count(); i++) {
      int camera = points.cameraOf(points.observationsBegin(i));
      double u = points.uOf(points.observationsBegin(i));
      double v = points.vOf(points.observationsBegin(i));
      int width = scene.cameras().get(camera).intrinsics().width();
      int height = scene.cameras().get(camera).intrinsics().height();
      double edge = FILTER_REACH_PIXELS * Math.max(width, height) / 56.0; // 56: the least side
      if (Math.min(Math.min(u, width - u), Math.min(v, height - v)) > edge) {
        int color = points.rgb(i);
        assertThat((double) (color >> 16))
            .isCloseTo(GradientPhotos.level(u, width), within(COLOR_ERROR_LEVELS));
        assertThat((double) (color >> 8 & 0xff))
            .isCloseTo(GradientPhotos.level(v, height), within(COLOR_ERROR_LEVELS));
        assertThat(color & 0xff).isEqualTo(40 * camera);
        inside++;
      }
    }
    assertThat(scene.cameras()).hasSize(6);
    assertThat(inside).isGreaterThan(points.count() / 3);
  }

  /**
   * The network has a focal length for each axis, the scene's camera their geometric mean: a pixel
   * moves from the principal point, or to it, by the ratio of the two, and no more.
   */
  @ParameterizedTest
  @EnumSource(NetworkInput.Mode.class)
  void pointsProjectToTheirPixelsButForTheSecondFocalLength(NetworkInput.Mode mode)
      throws IOException {
    VggtSpec spec = with(softmax, mode, 0);
    ChunkScene scene = scene(spec, mixed.chunk(), mixed.source());
    OpenNetwork.with(
        spec,
        mixed.chunk().views(),
        mixed.source(),
        (network, photos) -> {
          try (VggtScene said =
              network.reconstruct(photos, spec.options(), false, Vggt.LayerProgress.NONE)) {
            for (int view = 0; view < photos.count(); view++) {
              assertThat(scene.cameras().get(view).cameraFromChunk())
                  .isEqualTo(said.camera(view).cameraFromWorld());
              assertProjections(scene, view, said.camera(view), photos.photo(view).geometry());
            }
          }
        });
  }

  private static void assertProjections(
      ChunkScene scene, int view, PinholeCamera network, InputGeometry geometry) {
    SceneCamera camera = scene.cameras().get(view);
    double focal = camera.intrinsics().focalPixels();
    double ratioX =
        focal * geometry.resized().width() / (network.fx() * geometry.original().width());
    double ratioY =
        focal * geometry.resized().height() / (network.fy() * geometry.original().height());
    double cx = camera.intrinsics().cx();
    double cy = camera.intrinsics().cy();
    ScenePoints points = scene.points();
    int seen = 0;
    for (int i = 0; i < points.count(); i++) {
      int o = points.observationsBegin(i);
      if (points.cameraOf(o) != view) {
        continue;
      }
      Vec3 xInChunk = points.position(i);
      Vec3 xInCamera = camera.cameraFromChunk().apply(xInChunk);
      double[] uv = camera.intrinsics().project(xInCamera);
      double lengths = xInChunk.norm() + camera.cameraFromChunk().translation().norm();
      double rounding =
          FLOAT_ROUNDING * (3 * focal * lengths / xInCamera.z() + points.uOf(o) + points.vOf(o));
      double slack = rounding * (1 + Math.hypot(uv[0] - cx, uv[1] - cy) / focal);
      assertThat(uv[0]).isCloseTo(cx + ratioX * (points.uOf(o) - cx), within(slack));
      assertThat(uv[1]).isCloseTo(cy + ratioY * (points.vOf(o) - cy), within(slack));
      seen++;
    }
    assertThat(seen).isEqualTo(camera.observations()).isPositive();
    assertThat(ratioX * ratioY).isCloseTo(1, within(1e-12));
  }

  @Test
  void everyStrideThPixelOfTheNetworksInputIsAPoint() throws IOException {
    ChunkScene scene =
        scene(with(softmax, NetworkInput.Mode.FIT, 0), mixed.chunk(), mixed.source());

    // 480 x 360 becomes 70 x 56, or 5 x 4 patches.
    assertThat(scene.cameras().get(0).observations()).isEqualTo(35 * 28);
  }

  @Test
  void onlyConfidentPixelsBecomePoints() throws IOException {
    ChunkScene all = scene(with(softmax, NetworkInput.Mode.FIT, 0), mixed.chunk(), mixed.source());
    List<Float> sorted = new ArrayList<>();
    for (int i = 0; i < all.points().count(); i++) {
      sorted.add(all.points().confidence(i));
    }
    sorted.sort(null);
    double middle = sorted.get(sorted.size() / 2);

    ChunkScene half =
        scene(with(softmax, NetworkInput.Mode.FIT, middle), mixed.chunk(), mixed.source());

    long expected = sorted.stream().filter(c -> c >= middle).count();
    assertThat(half.points().count()).isEqualTo((int) expected);
    for (int i = 0; i < half.points().count(); i++) {
      assertThat((double) half.points().confidence(i)).isBetween(middle, 1.0);
    }
    assertThat(half.cameras().stream().mapToInt(SceneCamera::observations).sum())
        .isEqualTo(half.points().count());
  }

  /** Two chunks of the same views, in different gauges: cameras are enough to align them. */
  @Test
  void sceneWithoutAnyPointStillAligns() throws IOException {
    ChunkScene scene =
        scene(with(softmax, NetworkInput.Mode.FIT, 0.999), mixed.chunk(), mixed.source());
    Sim3 otherFromScene =
        new Sim3(3, Quaternion.ofRotationVector(new Vec3(0.3, -0.2, 0.5)), new Vec3(4, 5, -6));
    List<SceneCamera> moved = new ArrayList<>();
    for (SceneCamera c : scene.cameras()) {
      // In the other gauge, lengths in the camera are 3 times as long too.
      Rigid3 cameraFromOther = otherFromScene.moveCamera(c.cameraFromChunk());
      moved.add(
          new SceneCamera(c.view(), cameraFromOther, c.intrinsics(), c.observations(), Double.NaN));
    }
    ChunkScene other =
        new ChunkScene(
            new ChunkId(2),
            moved,
            scene.points(),
            scene.unregistered(),
            scene.residuals(),
            SceneMemory.NONE);

    Edge edge = EdgeEstimator.estimate(other, scene, EdgeEstimator.Config.defaults());

    assertThat(scene.points().count()).isZero();
    assertThat(scene.cameras()).hasSize(6);
    assertThat(edge.verdict()).isEqualTo(Edge.Verdict.ACCEPTED);
    assertThat(edge.aFromB().scale()).isCloseTo(3, within(1e-6));
  }

  @ParameterizedTest
  @CsvSource({"0, 8192", "1000000000, 8192", "0, 1", "30000, 30"})
  void spilledMapsGiveTheSameScene(long mapBytes, int tokensPerGroup) throws IOException {
    TexturedTown town = TexturedTown.seen(4);
    Vggt.Options options = new Vggt.Options(2, tokensPerGroup, Long.MAX_VALUE, 1L << 30);
    Vggt.Options little = new Vggt.Options(2, tokensPerGroup, mapBytes, 1L << 30);

    ChunkScene kept = scene(with(softmax, options), town.chunk(), town.photos());
    ChunkScene spilled = scene(with(softmax, little), town.chunk(), town.photos());

    assertThat(spilled.cameras()).isEqualTo(kept.cameras());
    assertThat(spilled.points().xyz()).isEqualTo(kept.points().xyz());
    assertThat(spilled.points().confidence()).isEqualTo(kept.points().confidence());
    assertThat(openSpills()).isEmpty();
  }

  /** Files of spilled maps that have a name, or that this JVM holds open. */
  private static List<String> openSpills() throws IOException {
    List<String> spills = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      files.map(Path::toString).filter(f -> f.contains("tessera-tokens-")).forEach(spills::add);
    }
    Path descriptors = Path.of("/proc/self/fd");
    assumeThat(Files.isDirectory(descriptors)).as("open files are listed here").isTrue();
    try (Stream<Path> open = Files.list(descriptors)) {
      open.map(VggtSceneTest::target)
          .filter(f -> f.contains("tessera-tokens-"))
          .forEach(spills::add);
    }
    return spills;
  }

  private static String target(Path descriptor) {
    try {
      return Files.exists(descriptor, LinkOption.NOFOLLOW_LINKS)
          ? Files.readSymbolicLink(descriptor).toString()
          : "";
    } catch (NoSuchFileException closedMeanwhile) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
