package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.imagery.ViewId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SfmEngineTest extends SeeingEngineContract {
  @Override
  EngineSpec spec() {
    return SfmSpec.defaults();
  }

  /** Sums are in a fixed order. */
  @Override
  double maxThreadDifference() {
    return 0;
  }

  /** Half a pixel at a distance of 20 m and a focal length of 420 px is 2.4 cm. */
  @Override
  double maxTrajectoryErrorMeters() {
    return 0.05;
  }

  /** The last filter is at 3 px; the points are rounded to floats after it. */
  @Override
  double maxReprojectionErrorPixels() {
    return 3.01;
  }

  /** Poses and points make up for the lens: the residuals hardly grow. */
  @Test
  void sceneIsAdjustedToTheLensItIsGiven() throws IOException {
    TexturedTown town = TexturedTown.seen(6);
    try (ReconstructionEngine engine = spec().open(2)) {
      ChunkOutcome outcome = engine.reconstruct(town.chunk(), town.photos(), Progress.NONE);
      ChunkScene scene = ((ChunkOutcome.Reconstructed) outcome).scene();
      Intrinsics k = scene.cameras().get(0).intrinsics();
      double focal = k.focalPixels() * 1.003;
      String model = town.chunk().views().get(0).cameraModel();

      ChunkScene adjusted =
          engine.recalibrated(
              town.chunk(),
              scene,
              new SharedCalibration(
                  Map.of(model, new SharedCalibration.Lens(focal, k.cx(), k.cy(), 0, 0))));

      assertThat(adjusted.cameras())
          .allSatisfy(c -> assertThat(c.intrinsics().focalPixels()).isEqualTo(focal));
      assertThat(adjusted.residuals().medianPixels())
          .isLessThan(scene.residuals().medianPixels() + 0.3);
    }
  }

  /** What a scene says of its lens is true, within five of the sigmas that it claims. */
  @Test
  void sceneKnowsHowWellItKnowsItsLens() throws IOException {
    TexturedTown town = TexturedTown.seen(6);
    try (ReconstructionEngine engine = spec().open(2)) {
      ChunkOutcome outcome = engine.reconstruct(town.chunk(), town.photos(), Progress.NONE);
      ChunkScene scene = ((ChunkOutcome.Reconstructed) outcome).scene();

      List<SharedCalibration.Estimate> lenses = spec().lenses(town.chunk(), scene);

      assertThat(lenses).hasSize(1);
      double sigma = lenses.get(0).information().focalSigmaPixels();
      assertThat(sigma).isBetween(1e-3, 0.01 * TexturedTown.FOCAL_PIXELS);
      assertThat(lenses.get(0).lens().focalPixels())
          .isCloseTo(TexturedTown.FOCAL_PIXELS, within(5 * sigma));
    }
  }

  /** Eleven photos whose header says nothing: the focal length is found as well (laser truth). */
  @Test
  void fountainWithoutAnyHeaderIsFoundToMillimetres() throws IOException {
    ChunkScene scene = assertTrajectory(PhotoSet.strecha("fountain-P11", false), 11, 0.008);

    assertThat(scene.cameras().get(0).intrinsics().focalPixels()).isBetween(910.0, 930.0);
  }

  @Test
  @Tag("slow")
  void facadeWithPositionsIsFoundToCentimetres() throws IOException {
    PhotoSet.Source source = PhotoSet.strecha("Herz-Jesus-P25", true);
    assertTrajectory(source, 25, 0.023);
  }

  @Test
  @Tag("slow")
  void fieldSeenStraightDownKeepsItsFocalLength() throws IOException {
    assertTrajectory(PhotoSet.brighton(), 18, 0.30);
  }

  @Test
  void viewsOfAnEarlierChunkAreNotFetchedAgain() throws IOException {
    TexturedTown town = TexturedTown.seen(6);
    List<ViewId> fetched = Collections.synchronizedList(new ArrayList<>());
    PhotoSource photos =
        view -> {
          fetched.add(view.id());
          return town.photos().read(view);
        };
    try (ReconstructionEngine engine = spec().open(2)) {
      engine.reconstruct(town.chunk(0, 4), photos, Progress.NONE);
      engine.reconstruct(town.chunk(2, 6), photos, Progress.NONE);
    }

    assertThat(fetched).hasSize(6).doesNotHaveDuplicates();
  }

  /** Each chunk is good to about a centimetre by itself, so that they differ by two at most. */
  @Test
  @Tag("slow")
  void chunksThatOverlapAgreeOnTheirSharedCameras() throws IOException {
    PhotoSet.Source source = PhotoSet.strecha("Herz-Jesus-P25", true);
    assumeThere(source);
    PhotoSet set = PhotoSet.load(source);
    try (ReconstructionEngine engine = SfmSpec.defaults().open(2)) {
      ChunkScene a = reconstruct(engine, set, set.chunk(0, 14));
      ChunkScene b = reconstruct(engine, set, set.chunk(7, 21));

      assertThat(a.cameras()).hasSize(14);
      assertThat(b.cameras()).hasSize(14);
      assertThat(set.disagreement(a, b)).isLessThan(0.02);
    }
  }

  private static void assumeThere(PhotoSet.Source source) {
    assumeThat(PhotoSet.isThere(source))
        .as("photo set %s is there (environment variable TESSERA_SHARED)", source.set())
        .isTrue();
  }

  private static ChunkScene reconstruct(ReconstructionEngine engine, PhotoSet set, ChunkViews chunk)
      throws IOException {
    ChunkOutcome outcome = engine.reconstruct(chunk, set.photos(), Progress.NONE);
    assertThat(outcome).isInstanceOf(ChunkOutcome.Reconstructed.class);
    return ((ChunkOutcome.Reconstructed) outcome).scene();
  }

  private static ChunkScene assertTrajectory(
      PhotoSet.Source source, int views, double maxErrorMeters) throws IOException {
    assumeThere(source);
    PhotoSet set = PhotoSet.load(source);
    try (ReconstructionEngine engine = SfmSpec.defaults().open(2)) {
      ChunkScene scene = reconstruct(engine, set, set.chunk());
      assertThat(scene.cameras()).hasSize(views);
      assertThat(set.absoluteTrajectoryError(scene)).isLessThan(maxErrorMeters);
      return scene;
    }
  }
}
