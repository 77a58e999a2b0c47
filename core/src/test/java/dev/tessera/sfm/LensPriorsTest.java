package dev.tessera.sfm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.imagery.FocalPrior;
import java.util.List;
import org.junit.jupiter.api.Test;

class LensPriorsTest {
  private static final int VIEWS = 12;
  private static final double FOCAL = 900;

  @Test
  void thePrincipalPointIsFreeNearTheMiddleOnceThereAreViewsEnough() {
    assertThat(principalPointSigmas(0.3, VIEWS, 1, 1)).containsExactly(2.7, 2.7);
    assertThat(principalPointSigmas(0.3, 9, 1, 1)).containsExactly(0, 0);
  }

  @Test
  void overAFlatSceneItIsHeld() {
    assertThat(principalPointSigmas(0.9, VIEWS, 1, 1)).containsExactly(0, 0);
  }

  /** The same sensor has it on the left in one photo and on the right in the other. */
  @Test
  void inPhotosOfASensorHeldDifferentlyItIsHeld() {
    assertThat(principalPointSigmas(0.3, VIEWS, 1, 3)).containsExactly(0, 0);
  }

  private static double[] principalPointSigmas(
      double homographyRatio, int registered, int orientation, int otherOrientation) {
    WorkingCamera[] cameras = new WorkingCamera[VIEWS];
    for (int v = 0; v < VIEWS; v++) {
      int held = v % 2 == 0 ? orientation : otherOrientation;
      cameras[v] = new WorkingCamera(512, 384, 1, FOCAL, FocalPrior.Source.FOCAL_PLANE, held);
    }
    MappingInput input =
        new MappingInput(
            cameras,
            new int[VIEWS],
            new MappingInput.Position[VIEWS],
            List.of(new ViewPair(0, 1)),
            List.of(new VerifiedPair(new int[200], new double[9], homographyRatio)),
            Tracks.join(new int[VIEWS], List.of(), List.of()),
            new double[0]);
    BundleProblem problem = new BundleProblem(VIEWS, 1, 0, 0);

    LensPriors.of(input, LensPriors.Config.defaults()).putInto(problem, new int[] {registered});

    return new double[] {problem.intrinsicsSigma[3], problem.intrinsicsSigma[4]};
  }
}
