package dev.tessera.sfm;

import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.View;

/**
 * How a view's original pixels become working pixels, and what is known of its focal length.
 *
 * @param centerU middle of the photo, original pixels
 * @param originalPerWorkingPixel unit of working pixels
 * @param priorFocal focal length prior, working pixels
 * @param exifOrientation how the sensor was held
 */
record WorkingCamera(
    double centerU,
    double centerV,
    double originalPerWorkingPixel,
    double priorFocal,
    FocalPrior.Source focalSource,
    int exifOrientation) {

  static WorkingCamera of(View view, double originalPerWorkingPixel) {
    return new WorkingCamera(
        view.width() / 2.0,
        view.height() / 2.0,
        originalPerWorkingPixel,
        view.focal().pixels() / originalPerWorkingPixel,
        view.focal().source(),
        view.exifOrientation());
  }

  boolean focalIsAssumed() {
    return focalSource == FocalPrior.Source.ASSUMED;
  }

  double x(Features features, int feature) {
    return (features.u(feature) - centerU) / originalPerWorkingPixel;
  }

  double y(Features features, int feature) {
    return (features.v(feature) - centerV) / originalPerWorkingPixel;
  }
}
