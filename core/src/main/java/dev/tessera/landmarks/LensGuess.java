package dev.tessera.landmarks;

import dev.tessera.geometry.Intrinsics;

/**
 * What is known of the lens of a photo.
 *
 * @param intrinsics at the upright photo's original size
 * @param relativeFocalSigma how far the focal length is to be trusted; 0 = it is held
 */
public record LensGuess(Intrinsics intrinsics, double relativeFocalSigma) {
  /** Beyond this the focal length is searched for. */
  private static final double MOST_TRUSTED_SIGMA = 0.15;

  public LensGuess {
    if (!(relativeFocalSigma >= 0)) {
      throw new IllegalArgumentException("Sigma must not be negative, was " + relativeFocalSigma);
    }
  }

  boolean isVague() {
    return relativeFocalSigma > MOST_TRUSTED_SIGMA;
  }

  LensGuess scaled(double factor) {
    Intrinsics k = intrinsics;
    return new LensGuess(
        new Intrinsics(
            k.width(), k.height(), k.focalPixels() * factor, k.cx(), k.cy(), k.k1(), k.k2()),
        relativeFocalSigma);
  }
}
