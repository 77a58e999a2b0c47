package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SfmEngineTest extends ReconstructionEngineContract {
  @Override
  EngineSpec spec() {
    return SfmSpec.defaults();
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

  private static ChunkScene assertTrajectory(
      PhotoSet.Source source, int views, double maxErrorMeters) throws IOException {
    assumeThat(PhotoSet.isThere(source))
        .as("photo set %s is there (environment variable TESSERA_SHARED)", source.set())
        .isTrue();
    try (ReconstructionEngine engine = SfmSpec.defaults().open(2)) {
      PhotoSet set = PhotoSet.load(source);
      ChunkOutcome outcome = engine.reconstruct(set.chunk(), set.photos(), Progress.NONE);
      assertThat(outcome).isInstanceOf(ChunkOutcome.Reconstructed.class);
      ChunkScene scene = ((ChunkOutcome.Reconstructed) outcome).scene();
      assertThat(scene.cameras()).hasSize(views);
      assertThat(set.absoluteTrajectoryError(scene)).isLessThan(maxErrorMeters);
      return scene;
    }
  }
}
