package dev.tessera.sfm;

import dev.tessera.geometry.RobustScale;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What bundle adjustment is told about the intrinsics of each group of views, besides its photos.
 *
 * <p>Where photos fix the lens badly the pixel residuals, thousands of them and all a little wrong
 * in the same way, still pull it far off: the focal length over a flat scene seen straight down,
 * the distortion on a straight drive. There the prior is made tight.
 */
final class LensPriors {
  private final double[] focal; // (G) working pixels
  private final double[] focalSigma; // (G) working pixels, 0 = fixed
  private final double[] distortionSigma; // (G, 2)
  private final double[] principalPointSigma; // (G) working pixels, 0 = held in the middle

  /**
   * @param flatHomographyRatio median share of matches on a homography from which a chunk counts as
   *     flat
   * @param flatFocalSigma relative standard deviation of the focal length for a flat chunk
   * @param k1Sigma standard deviation of k1 about zero
   * @param k2Sigma the same for k2
   * @param viewsForK2 with fewer registered views in a group k2 stays zero
   * @param principalPointSigma standard deviation of the principal point about the middle of the
   *     photo, as a share of the focal length; over a flat scene it is held there
   * @param viewsForPrincipalPoint with fewer registered views in a group it stays in the middle
   */
  record Config(
      double flatHomographyRatio,
      double flatFocalSigma,
      double k1Sigma,
      double k2Sigma,
      int viewsForK2,
      double principalPointSigma,
      int viewsForPrincipalPoint)
      implements Serializable {
    static Config defaults() {
      return new Config(0.8, 0.01, 0.05, 0.05, 20, 0.003, 10);
    }
  }

  private final Config config;

  private LensPriors(int groups, Config config) {
    this.config = config;
    focal = new double[groups];
    focalSigma = new double[groups];
    distortionSigma = new double[2 * groups];
    principalPointSigma = new double[groups];
  }

  static LensPriors of(MappingInput input, Config config) {
    LensPriors priors = new LensPriors(input.groups(), config);
    boolean flat = isFlat(input, config);
    for (int v = input.views() - 1; v >= 0; v--) {
      WorkingCamera camera = input.cameras()[v];
      int g = input.groupOf()[v];
      priors.focal[g] = camera.priorFocal();
      priors.focalSigma[g] = camera.focalSource().relativeSigma();
      if (camera.focalIsAssumed()) {
        priors.focal[g] = FocalVote.of(g, camera.priorFocal(), input);
      }
    }
    for (int g = 0; g < priors.focal.length; g++) {
      double relative = flat ? config.flatFocalSigma : priors.focalSigma[g];
      priors.focalSigma[g] = relative * priors.focal[g];
      priors.distortionSigma[2 * g] = flat ? config.k1Sigma / 5 : config.k1Sigma;
      priors.distortionSigma[2 * g + 1] = flat ? config.k2Sigma / 5 : config.k2Sigma;
      priors.principalPointSigma[g] =
          flat || isTurned(input, g) ? 0 : config.principalPointSigma * priors.focal[g];
    }
    return priors;
  }

  private static boolean isFlat(MappingInput input, Config config) {
    double[] ratios =
        input.verified().stream().mapToDouble(VerifiedPair::homographyRatio).toArray();
    return ratios.length > 0 && RobustScale.median(ratios) >= config.flatHomographyRatio;
  }

  /** In photos of a sensor that was held differently its principal point is not the same. */
  private static boolean isTurned(MappingInput input, int group) {
    return IntStream.range(0, input.views())
            .filter(v -> input.groupOf()[v] == group)
            .mapToObj(v -> input.cameras()[v])
            .map(c -> List.of(c.exifOrientation(), c.centerU() < c.centerV()))
            .distinct()
            .count()
        > 1;
  }

  double[] focals() {
    return focal.clone();
  }

  /** Fills in the priors of a problem whose groups are the input's. */
  void putInto(BundleProblem problem, int[] viewsOfGroup) {
    for (int g = 0; g < focal.length; g++) {
      int at = BundleProblem.INTRINSICS * g;
      problem.intrinsicsPrior[at] = focal[g];
      problem.intrinsicsSigma[at] = focalSigma[g];
      problem.intrinsicsSigma[at + 1] = distortionSigma[2 * g];
      problem.intrinsicsSigma[at + 2] =
          viewsOfGroup[g] >= config.viewsForK2 ? distortionSigma[2 * g + 1] : 0;
      double principal =
          viewsOfGroup[g] >= config.viewsForPrincipalPoint ? principalPointSigma[g] : 0;
      problem.intrinsicsSigma[at + 3] = principal;
      problem.intrinsicsSigma[at + 4] = principal;
    }
  }
}
