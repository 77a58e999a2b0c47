package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every engine owes its callers, whatever it computes with. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ReconstructionEngineContract {
  private static final int CAMERAS = 7;

  private TexturedTown town;
  private ReconstructionEngine engine;
  private ChunkScene scene;

  abstract EngineSpec spec();

  /** Root mean square error of the camera centres that is allowed, metres. */
  abstract double maxTrajectoryErrorMeters();

  /** Reprojection error that all observations of a scene keep, pixels. */
  abstract double maxReprojectionErrorPixels();

  @BeforeAll
  void reconstructOnce() throws IOException {
    town = TexturedTown.seen(CAMERAS);
    engine = spec().open(2);
    scene = scene(engine.reconstruct(town.chunk(), town.photos(), Progress.NONE));
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  @Test
  void specTravelsAndComparesByValue() {
    assertThat(spec()).isEqualTo(spec());
    assertThat(spec().fingerprint()).isEqualTo(spec().fingerprint()).isNotBlank();
    assertThat(spec().engineName()).matches("[a-z0-9-]+");
  }

  @Test
  void camerasAreWhereTheyWereUpToASimilarity() {
    assertThat(scene.cameras()).hasSize(CAMERAS);

    assertThat(trajectoryError(scene)).isLessThan(maxTrajectoryErrorMeters());
  }

  @Test
  void camerasStandInTheOrderOfTheViews() {
    List<ViewId> order = town.chunk().views().stream().map(View::id).toList();

    assertThat(scene.cameras().stream().map(SceneCamera::view).toList())
        .isSortedAccordingTo((a, b) -> Integer.compare(order.indexOf(a), order.indexOf(b)));
  }

  @Test
  void everyViewIsRegisteredOrListedOnce() {
    List<ViewId> all = new ArrayList<>();
    scene.cameras().forEach(c -> all.add(c.view()));
    scene.unregistered().forEach(u -> all.add(u.view()));

    assertThat(all)
        .containsExactlyInAnyOrderElementsOf(town.chunk().views().stream().map(View::id).toList());
  }

  @Test
  void gaugeIsCentredNearTheOrigin() {
    Vec3 sum = Vec3.ZERO;
    double extent = 0;
    for (SceneCamera camera : scene.cameras()) {
      sum = sum.plus(camera.cameraFromChunk().center());
    }
    Vec3 middle = sum.times(1.0 / scene.cameras().size());
    for (SceneCamera camera : scene.cameras()) {
      extent = Math.max(extent, camera.cameraFromChunk().center().distanceTo(middle));
    }

    assertThat(middle.norm()).isLessThan(10 * extent);
  }

  @Test
  void observationsAreWhereThePointsProject() {
    assertThat(scene.points().count()).isGreaterThan(100);
    int observations = 0;
    for (int i = 0; i < scene.points().count(); i++) {
      int last = -1;
      for (int o = scene.points().observationsBegin(i);
          o < scene.points().observationsEnd(i);
          o++) {
        SceneCamera camera = scene.cameras().get(scene.points().cameraOf(o));
        Vec3 xInCamera = camera.cameraFromChunk().apply(scene.points().position(i));
        double[] uv = camera.intrinsics().project(xInCamera);
        assertThat(Math.hypot(uv[0] - scene.points().uOf(o), uv[1] - scene.points().vOf(o)))
            .isLessThan(maxReprojectionErrorPixels());
        assertThat(scene.points().cameraOf(o)).isGreaterThan(last);
        last = scene.points().cameraOf(o);
        observations++;
      }
      assertThat(scene.points().confidence(i)).isBetween(0f, 1f);
    }
    assertThat(scene.residuals().total()).isEqualTo(observations);
    assertThat(scene.cameras().stream().mapToInt(SceneCamera::observations).sum())
        .isEqualTo(observations);
  }

  @Test
  void pixelsOfAViewAreTheSameInEveryChunkThatSeesIt() throws IOException {
    ChunkScene other = scene(engine.reconstruct(town.chunk(2, 7), town.photos(), Progress.NONE));
    ViewId shared = town.chunk().views().get(4).id();

    List<Long> here = pixels(scene, shared);
    List<Long> there = pixels(other, shared);

    long common = there.stream().filter(here::contains).count();
    assertThat(common).isGreaterThan(there.size() / 2);
  }

  @Test
  void threadsAndEarlierCallsDoNotChangeTheScene() throws IOException {
    try (ReconstructionEngine other = spec().open(3)) {
      other.reconstruct(town.chunk(1, 5), town.photos(), Progress.NONE);
      ChunkScene again = scene(other.reconstruct(town.chunk(), town.photos(), Progress.NONE));

      assertSame(again, scene);
    }
  }

  @Test
  void callsAtTheSameTimeDoNotDisturbEachOther() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(2);
    try (ReconstructionEngine other = spec().open(2)) {
      List<Future<ChunkOutcome>> calls = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        calls.add(
            callers.submit(() -> other.reconstruct(town.chunk(), town.photos(), Progress.NONE)));
      }
      for (Future<ChunkOutcome> call : calls) {
        assertSame(scene(call.get()), scene);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  /** A focal length that is a little wrong bends the scene a little, and must not break it. */
  @Test
  void anotherLensKeepsTheSceneButForItsShape() {
    String model = town.chunk().views().get(0).cameraModel();
    Intrinsics k = scene.cameras().get(0).intrinsics();
    SharedCalibration.Lens lens =
        new SharedCalibration.Lens(k.focalPixels() * 1.002, k.k1(), k.k2());

    ChunkScene other =
        engine.recalibrated(town.chunk(), scene, new SharedCalibration(Map.of(model, lens)));

    assertThat(trajectoryError(other)).isLessThan(maxTrajectoryErrorMeters());
    assertThat(other.cameras().stream().map(SceneCamera::view).toList())
        .isEqualTo(scene.cameras().stream().map(SceneCamera::view).toList());
    assertThat(other.points().count()).isEqualTo(scene.points().count());
    assertThat(other.residuals().total()).isEqualTo(scene.residuals().total());
    assertThat(other.unregistered()).isEqualTo(scene.unregistered());
  }

  @Test
  void unreadablePhotoIsListedAndNotFatal() throws IOException {
    ViewId broken = town.chunk().views().get(3).id();
    PhotoSource photos =
        view -> view.id().equals(broken) ? new byte[] {1, 2, 3} : town.photos().read(view);
    try (ReconstructionEngine other = spec().open(2)) {
      ChunkScene rest = scene(other.reconstruct(town.chunk(), photos, Progress.NONE));

      assertThat(rest.cameras()).hasSize(CAMERAS - 1);
      assertThat(rest.unregistered()).hasSize(1);
      assertThat(rest.unregistered().get(0).view()).isEqualTo(broken);
      assertThat(rest.unregistered().get(0).reason())
          .isEqualTo(ChunkScene.Unregistered.Reason.UNREADABLE_PHOTO);
      assertThat(rest.unregistered().get(0).detail()).contains("3.png");
    }
  }

  @Test
  void noReadablePhotoIsACountedFailure() throws IOException {
    try (ReconstructionEngine other = spec().open(1)) {
      assertFailed(
          other.reconstruct(town.chunk(), view -> new byte[0], Progress.NONE),
          ChunkOutcome.Reason.UNREADABLE_PHOTOS);
    }
  }

  @Test
  void singleViewIsACountedFailure() throws IOException {
    assertFailed(
        engine.reconstruct(town.chunk(0, 1), town.photos(), Progress.NONE),
        ChunkOutcome.Reason.TOO_FEW_VIEWS);
  }

  @Test
  void photoThatCannotBeFetchedIsTheCallersToRetry() {
    try (ReconstructionEngine other = spec().open(2)) {
      PhotoSource down =
          view -> {
            throw new IOException("store is down");
          };

      assertThatThrownBy(() -> other.reconstruct(town.chunk(), down, Progress.NONE))
          .isInstanceOf(IOException.class)
          .hasMessage("store is down");
    }
  }

  @Test
  void progressEndsAtItsTotals() throws IOException {
    ConcurrentHashMap<String, Integer> most = new ConcurrentHashMap<>();
    engine.reconstruct(
        town.chunk(),
        town.photos(),
        (step, done, total) -> {
          assertThat(done).isBetween(0, total);
          most.merge(step, done, Math::max);
        });

    assertThat(most).isNotEmpty();
  }

  @Test
  void moreMemoryTakesMoreViews() {
    long pixels = 12_000_000;

    assertThat(engine.maxViews(0, pixels)).isZero();
    assertThat(engine.maxViews(32L << 30, pixels)).isGreaterThan(engine.maxViews(8L << 30, pixels));
    assertThat(engine.maxViews(8L << 30, pixels))
        .isLessThanOrEqualTo(engine.maxViews(8L << 30, 1_000_000))
        .isGreaterThan(10);
  }

  private static void assertFailed(ChunkOutcome outcome, ChunkOutcome.Reason reason) {
    assertThat(outcome).isInstanceOf(ChunkOutcome.Failed.class);
    assertThat(((ChunkOutcome.Failed) outcome).reason()).isEqualTo(reason);
    assertThat(((ChunkOutcome.Failed) outcome).detail()).isNotBlank();
  }

  private static ChunkScene scene(ChunkOutcome outcome) {
    assertThat(outcome).isInstanceOf(ChunkOutcome.Reconstructed.class);
    return ((ChunkOutcome.Reconstructed) outcome).scene();
  }

  private double trajectoryError(ChunkScene of) {
    List<Vec3> found = new ArrayList<>();
    List<Vec3> truth = new ArrayList<>();
    for (SceneCamera camera : of.cameras()) {
      found.add(camera.cameraFromChunk().center());
      truth.add(town.center(camera.view()));
    }
    Sim3 worldFromChunk = Umeyama.fit(found, truth);
    double sum = 0;
    for (int i = 0; i < found.size(); i++) {
      double d = worldFromChunk.apply(found.get(i)).distanceTo(truth.get(i));
      sum += d * d;
    }
    return Math.sqrt(sum / found.size());
  }

  private static List<Long> pixels(ChunkScene of, ViewId view) {
    List<Long> pixels = new ArrayList<>();
    for (int o = 0; o < of.points().observationCount(); o++) {
      if (of.cameras().get(of.points().cameraOf(o)).view().equals(view)) {
        pixels.add(
            (long) Float.floatToIntBits(of.points().uOf(o)) << 32
                | Float.floatToIntBits(of.points().vOf(o)));
      }
    }
    return pixels;
  }

  /** Equal to the bit. */
  private static void assertSame(ChunkScene actual, ChunkScene expected) {
    assertThat(actual.cameras()).isEqualTo(expected.cameras());
    assertThat(actual.unregistered()).isEqualTo(expected.unregistered());
    assertThat(actual.points().count()).isEqualTo(expected.points().count());
    assertThat(actual.points().observationCount()).isEqualTo(expected.points().observationCount());
    for (int i = 0; i < actual.points().count(); i++) {
      assertThat(actual.points().position(i)).isEqualTo(expected.points().position(i));
      assertThat(actual.points().rgb(i)).isEqualTo(expected.points().rgb(i));
      assertThat(actual.points().confidence(i)).isEqualTo(expected.points().confidence(i));
    }
    for (int o = 0; o < actual.points().observationCount(); o++) {
      assertThat(actual.points().uOf(o)).isEqualTo(expected.points().uOf(o));
    }
  }
}
