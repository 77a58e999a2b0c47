package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FocalVoteTest {
  private static final double TRUE_FOCAL = 920;
  private static final double ASSUMED = 1229;

  /** The grid has 240 steps over a factor of 6.25: 0.8 percent apart. */
  private static final double GRID_STEP = 0.008;

  @Test
  void exactFundamentalMatricesVoteForTheTrueFocalLength() {
    double focal = FocalVote.of(0, ASSUMED, input(8, 0.2));

    assertThat(focal).isEqualTo(TRUE_FOCAL, within(GRID_STEP * TRUE_FOCAL));
  }

  @Test
  void flatPairsHaveNoVote() {
    assertThat(FocalVote.of(0, ASSUMED, input(8, 0.95))).isEqualTo(ASSUMED);
  }

  @Test
  void twoPairsAreNotEnough() {
    assertThat(FocalVote.of(0, ASSUMED, input(2, 0.2))).isEqualTo(ASSUMED);
  }

  @Test
  void disparityVanishesForAnEssentialMatrix() {
    double[] fundamental = fundamental(new Random(3));

    assertThat(FocalVote.disparity(fundamental, TRUE_FOCAL)).isLessThan(1e-6);
    assertThat(FocalVote.disparity(fundamental, 1.5 * TRUE_FOCAL)).isGreaterThan(0.01);
  }

  private static MappingInput input(int pairCount, double homographyRatio) {
    Random random = new Random(5);
    int views = pairCount + 1;
    List<ViewPair> pairs = new ArrayList<>();
    List<VerifiedPair> verified = new ArrayList<>();
    WorkingCamera[] cameras = new WorkingCamera[views];
    for (int v = 0; v < views; v++) {
      cameras[v] = new WorkingCamera(512, 342, 1, ASSUMED, FocalPrior.Source.ASSUMED, 1);
    }
    for (int p = 0; p < pairCount; p++) {
      pairs.add(new ViewPair(p, p + 1));
      verified.add(new VerifiedPair(new int[200], fundamental(random), homographyRatio));
    }
    Tracks none = Tracks.join(new int[views], List.of(), List.of());
    return new MappingInput(
        cameras,
        new int[views],
        new MappingInput.Position[views],
        pairs,
        verified,
        none,
        new double[0]);
  }

  /** {@code K^-T [t]x R K^-1} of a turn and a shift that differ from pair to pair. */
  private static double[] fundamental(Random random) {
    double[] r =
        Quaternion.ofRotationVector(
                new Vec3(
                    0.2 * random.nextGaussian(),
                    0.4 + 0.1 * random.nextGaussian(),
                    0.2 * random.nextGaussian()))
            .toMatrix();
    Vec3 t =
        new Vec3(1, 0.3 * random.nextGaussian(), 0.3 + 0.2 * random.nextGaussian()).normalized();
    double[] f = new double[9];
    for (int column = 0; column < 3; column++) {
      Vec3 e = t.cross(new Vec3(r[column], r[3 + column], r[6 + column]));
      f[column] = e.x();
      f[3 + column] = e.y();
      f[6 + column] = e.z();
    }
    for (int i = 0; i < 9; i++) {
      f[i] /= (i < 6 ? TRUE_FOCAL : 1) * (i % 3 < 2 ? TRUE_FOCAL : 1);
    }
    return f;
  }
}
