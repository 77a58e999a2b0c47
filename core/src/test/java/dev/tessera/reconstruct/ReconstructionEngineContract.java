package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What every engine owes its callers, whatever it computes with and whether it sees anything: a
 * network with random weights keeps these laws too.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ReconstructionEngineContract {
  static final int CAMERAS = 7;

  TexturedTown town;
  ReconstructionEngine engine;
  ChunkScene scene;

  abstract EngineSpec spec();

  /**
   * How far numbers of two scenes of the same views may differ, as a share of the largest of their
   * kind; 0 for an engine whose scenes do not depend on the number of threads.
   */
  abstract double maxThreadDifference();

  /** How many of the town's views that can be read have a camera at least. */
  int leastRegistered(int readable) {
    return 2;
  }

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
    assertThat(Travel.there(spec())).isEqualTo(spec());
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
  void observationsBelongToCamerasAndLieInTheirPhotos() {
    ScenePoints points = scene.points();
    assertThat(points.count()).isGreaterThan(100);
    int[] seen = new int[scene.cameras().size()];
    for (int i = 0; i < points.count(); i++) {
      int last = -1;
      for (int o = points.observationsBegin(i); o < points.observationsEnd(i); o++) {
        assertThat(points.cameraOf(o)).isGreaterThan(last);
        last = points.cameraOf(o);
        seen[last]++;
        Intrinsics camera = scene.cameras().get(last).intrinsics();
        assertThat((double) points.uOf(o)).isBetween(0.0, (double) camera.width());
        assertThat((double) points.vOf(o)).isBetween(0.0, (double) camera.height());
      }
      assertThat(last).as("point seen by a camera").isNotNegative();
      assertThat(points.position(i).isFinite()).isTrue();
      assertThat(points.confidence(i)).isBetween(0f, 1f);
    }
    assertThat(scene.cameras().stream().mapToInt(SceneCamera::observations).toArray())
        .isEqualTo(seen);
  }

  @Test
  void pixelsOfAViewAreTheSameInEveryChunkThatSeesIt() throws IOException {
    ChunkScene other = scene(engine.reconstruct(town.chunk(2, 7), town.photos(), Progress.NONE));
    ViewId shared = town.chunk().views().get(4).id();

    List<Long> here = pixels(scene, shared);
    List<Long> there = pixels(other, shared);

    long common = there.stream().filter(here::contains).count();
    assertThat(there).isNotEmpty();
    assertThat(common).isGreaterThan(there.size() / 2);
  }

  @Test
  void threadsAndEarlierCallsDoNotChangeTheScene() throws IOException {
    try (ReconstructionEngine other = spec().open(3)) {
      other.reconstruct(town.chunk(1, 5), town.photos(), Progress.NONE);
      ChunkScene again = scene(other.reconstruct(town.chunk(), town.photos(), Progress.NONE));

      assertAlike(again, scene);
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
        assertAlike(scene(call.get()), scene);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void unreadablePhotoIsListedAndNotFatal() throws IOException {
    ViewId broken = town.chunk().views().get(3).id();
    PhotoSource photos =
        view -> view.id().equals(broken) ? new byte[] {1, 2, 3} : town.photos().read(view);
    try (ReconstructionEngine other = spec().open(2)) {
      ChunkScene rest = scene(other.reconstruct(town.chunk(), photos, Progress.NONE));

      List<ChunkScene.Unregistered> unreadable =
          rest.unregistered().stream()
              .filter(u -> u.reason() == ChunkScene.Unregistered.Reason.UNREADABLE_PHOTO)
              .toList();
      assertThat(unreadable).hasSize(1);
      assertThat(unreadable.get(0).view()).isEqualTo(broken);
      assertThat(unreadable.get(0).detail()).contains("3.png");
      assertThat(rest.cameras().size() + rest.unregistered().size()).isEqualTo(CAMERAS);
      assertThat(rest.cameras()).hasSizeGreaterThanOrEqualTo(leastRegistered(CAMERAS - 1));
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
    ConcurrentHashMap<String, Integer> totals = new ConcurrentHashMap<>();
    engine.reconstruct(
        town.chunk(),
        town.photos(),
        (step, done, total) -> {
          assertThat(done).isBetween(0, total);
          most.merge(step, done, Math::max);
          totals.put(step, total);
        });

    assertThat(most).isNotEmpty().isEqualTo(totals);
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

  static ChunkScene scene(ChunkOutcome outcome) {
    assertThat(outcome).isInstanceOf(ChunkOutcome.Reconstructed.class);
    return ((ChunkOutcome.Reconstructed) outcome).scene();
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

  /** Equal but for what the number of threads may change. */
  private void assertAlike(ChunkScene actual, ChunkScene expected) {
    assertThat(actual.unregistered()).isEqualTo(expected.unregistered());
    assertThat(actual.cameras().stream().map(SceneCamera::view).toList())
        .isEqualTo(expected.cameras().stream().map(SceneCamera::view).toList());
    assertThat(actual.points().count()).isEqualTo(expected.points().count());
    assertThat(actual.points().observationStart()).isEqualTo(expected.points().observationStart());
    assertThat(actual.points().observationCamera())
        .isEqualTo(expected.points().observationCamera());
    assertThat(actual.points().observationPixel()).isEqualTo(expected.points().observationPixel());
    assertThat(actual.points().rgb()).isEqualTo(expected.points().rgb());
    assertNear("xyz", widened(actual.points().xyz()), widened(expected.points().xyz()));
    assertNear(
        "confidence",
        widened(actual.points().confidence()),
        widened(expected.points().confidence()));
    assertNear("rotations", rotations(actual), rotations(expected));
    assertNear("translations", translations(actual), translations(expected));
    assertNear("focal lengths", focals(actual), focals(expected));
  }

  private void assertNear(String what, double[] actual, double[] expected) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    assertThat(actual).as(what).containsExactly(expected, within(maxThreadDifference() * largest));
  }

  private static double[] widened(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static double[] rotations(ChunkScene of) {
    return of.cameras().stream()
        .flatMapToDouble(c -> Arrays.stream(c.cameraFromChunk().rotation().toMatrix()))
        .toArray();
  }

  private static double[] translations(ChunkScene of) {
    return of.cameras().stream()
        .map(c -> c.cameraFromChunk().translation())
        .flatMapToDouble(t -> DoubleStream.of(t.x(), t.y(), t.z()))
        .toArray();
  }

  private static double[] focals(ChunkScene of) {
    return of.cameras().stream().mapToDouble(c -> c.intrinsics().focalPixels()).toArray();
  }
}
