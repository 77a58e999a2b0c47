package dev.tessera.backbone;

import dev.tessera.tensor.GoldenTensors;
import java.util.Arrays;

/** The pose encodings of the golden geometry file. */
final class GoldenCameras {
  private GoldenCameras() {}

  static PinholeCamera[] decode(GoldenTensors golden, int index) {
    long[] heightAndWidth = golden.longs("pose." + index + ".hw");
    double[] numbers = golden.doubles("pose." + index + ".pose_enc");
    PinholeCamera[] cameras = new PinholeCamera[numbers.length / PoseEncoding.LENGTH];
    for (int i = 0; i < cameras.length; i++) {
      double[] encoding =
          Arrays.copyOfRange(numbers, i * PoseEncoding.LENGTH, (i + 1) * PoseEncoding.LENGTH);
      cameras[i] = PoseEncoding.decode(encoding, (int) heightAndWidth[1], (int) heightAndWidth[0]);
    }
    return cameras;
  }
}
