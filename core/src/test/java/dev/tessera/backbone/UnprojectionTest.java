package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.tensor.GoldenTensors;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnprojectionTest {
  /** The reference's pose and intrinsics are float32: some ten operations, each rounded to 6e-8. */
  private static final double FLOAT32_CHAIN_ERROR = 1e-6;

  /**
   * Pixels: points below 10 that are rounded to float32 move by 1e-6 at most, which the focal
   * length of 50 at a depth of 1 and more makes 5e-5 pixels.
   */
  private static final double REPROJECTION_PIXELS = 1e-4;

  private static final PinholeCamera CAMERA =
      new PinholeCamera(
          new Rigid3(new Quaternion(0.3, -0.8, 0.1, 0.5), new Vec3(1, -2, 0.5)), 50, 40, 35, 28);

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void pointsAreTheReferences(int index) {
    String name = "unproj." + index;
    try (GoldenTensors golden = GoldenTensors.open("geometry_unit.safetensors")) {
      PinholeCamera[] cameras = GoldenCameras.decode(golden, index);
      long[] shape = golden.info(name + ".depth").dimensions();
      int pixels = (int) (shape[1] * shape[2]);
      float[] depths = golden.floats(name + ".depth");
      float[] inWorld = new float[3 * depths.length];
      float[] inCamera = new float[3 * depths.length];
      for (int i = 0; i < cameras.length; i++) {
        float[] ofView = Arrays.copyOfRange(depths, i * pixels, (i + 1) * pixels);
        PinholeCamera c = cameras[i];
        PinholeCamera atOrigin = new PinholeCamera(Rigid3.IDENTITY, c.fx(), c.fy(), c.cx(), c.cy());

        put(inWorld, i, new Unprojection(c).points(ofView, (int) shape[2]));
        put(inCamera, i, new Unprojection(atOrigin).points(ofView, (int) shape[2]));
      }
      golden.assertClose(name + ".world", inWorld, FLOAT32_CHAIN_ERROR);
      golden.assertClose(name + ".cam", inCamera, FLOAT32_CHAIN_ERROR);
    }
  }

  private static void put(float[] all, int view, float[] points) {
    System.arraycopy(points, 0, all, view * points.length, points.length);
  }

  @Test
  void aPointIsProjectedBackToItsPixel() {
    int width = 70;
    int height = 56;
    float[] depths = new float[width * height];
    Random random = new Random(4);
    for (int i = 0; i < depths.length; i++) {
      depths[i] = 1 + 2 * random.nextFloat();
    }

    float[] points = new Unprojection(CAMERA).points(depths, width);

    for (int i = 0; i < depths.length; i++) {
      Vec3 inWorld = new Vec3(points[3 * i], points[3 * i + 1], points[3 * i + 2]);
      Vec3 inCamera = CAMERA.cameraFromWorld().apply(inWorld);
      double u = CAMERA.fx() * inCamera.x() / inCamera.z() + CAMERA.cx();
      double v = CAMERA.fy() * inCamera.y() / inCamera.z() + CAMERA.cy();
      assertThat(u).isCloseTo(i % width, within(REPROJECTION_PIXELS));
      assertThat(v).isCloseTo(i / width, within(REPROJECTION_PIXELS));
    }
  }

  @Test
  void depthsThatDoNotFillTheirRowsAreRefused() {
    assertThatThrownBy(() -> new Unprojection(CAMERA).points(new float[10], 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot unproject 10 depths in rows of 4");
  }
}
