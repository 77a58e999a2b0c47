package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.tensor.GoldenTensors;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoseEncodingTest {
  /** The reference's chain of some ten float32 operations, each rounded to 6e-8. */
  private static final double FLOAT32_CHAIN_ERROR = 1e-6;

  /** Some ten float64 operations, each rounded to 1.1e-16, on numbers below 10. */
  private static final double FLOAT64_CHAIN_ERROR = 1e-13;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void camerasAreTheReferences(int index) {
    String name = "pose." + index;
    try (GoldenTensors golden = GoldenTensors.open("geometry_unit.safetensors")) {
      PinholeCamera[] cameras = GoldenCameras.decode(golden, index);

      double[] cameraFromWorld = rows(cameras, c -> matrix(c.cameraFromWorld()));
      double[] intrinsics = rows(cameras, PoseEncodingTest::intrinsics);
      double[] worldFromCamera = rows(cameras, c -> homogeneous(c.cameraFromWorld().inverse()));
      double[] again = rows(cameras, PoseEncoding::encode);

      golden.assertClose(name + ".extrinsic", cameraFromWorld, FLOAT32_CHAIN_ERROR);
      golden.assertClose(name + ".intrinsic", intrinsics, FLOAT32_CHAIN_ERROR);
      golden.assertClose(name + ".c2w", worldFromCamera, FLOAT32_CHAIN_ERROR);
      golden.assertClose(name + ".pose_enc_roundtrip", again, FLOAT32_CHAIN_ERROR);
    }
  }

  @Test
  void rotationsOfQuaternionsOfAnyNormAreTheReferences() {
    try (GoldenTensors golden = GoldenTensors.open("geometry_unit.safetensors")) {
      double[] quaternions = golden.doubles("rot.quat_xyzw");
      PinholeCamera[] cameras = new PinholeCamera[quaternions.length / 4];
      for (int i = 0; i < cameras.length; i++) {
        double[] encoding = {0, 0, 0, 0, 0, 0, 0, 1, 1};
        System.arraycopy(quaternions, 4 * i, encoding, 3, 4);
        cameras[i] = PoseEncoding.decode(encoding, 70, 56);
      }

      double[] matrices = rows(cameras, c -> c.cameraFromWorld().rotation().toMatrix());
      double[] again = rows(cameras, c -> Arrays.copyOfRange(PoseEncoding.encode(c), 3, 7));

      golden.assertClose("rot.R", matrices, FLOAT32_CHAIN_ERROR);
      golden.assertClose("rot.mat_to_quat", again, FLOAT32_CHAIN_ERROR);
    }
  }

  @Test
  void anEncodedCameraIsDecodedToItself() {
    Random random = new Random(3);
    for (int trial = 0; trial < 1000; trial++) {
      PinholeCamera camera = randomCamera(random);

      PinholeCamera again = PoseEncoding.decode(PoseEncoding.encode(camera), 70, 56);

      assertThat(homogeneous(again.cameraFromWorld()))
          .containsExactly(homogeneous(camera.cameraFromWorld()), within(FLOAT64_CHAIN_ERROR));
      assertThat(again.fx()).isCloseTo(camera.fx(), within(FLOAT64_CHAIN_ERROR * camera.fx()));
      assertThat(again.fy()).isCloseTo(camera.fy(), within(FLOAT64_CHAIN_ERROR * camera.fy()));
      assertThat(PoseEncoding.encode(camera)[6]).isNotNegative();
    }
  }

  @Test
  void aFieldOfViewThatNoPinholeHasGivesNoUsableCamera() {
    double[] encoding = {0, 0, 0, 0, 0, 0, 1, 1, 1};
    assertThat(PoseEncoding.decode(encoding, 70, 56).isUsable()).isTrue();

    encoding[7] = 0;
    assertThat(PoseEncoding.decode(encoding, 70, 56).isUsable()).isFalse();

    encoding[7] = 3.2;
    assertThat(PoseEncoding.decode(encoding, 70, 56).isUsable()).isFalse();
  }

  @Test
  void numbersThatAreNoPoseAreDegenerate() {
    assertThatThrownBy(() -> PoseEncoding.decode(new double[] {1, 2, 3, 0, 0, 0, 0, 1, 1}, 70, 56))
        .isInstanceOf(DegenerateGeometryException.class)
        .hasMessage("No pose in encoding [1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]");
    assertThatThrownBy(
            () -> PoseEncoding.decode(new double[] {1, 2, 3, 0, Double.NaN, 0, 1, 1, 1}, 70, 56))
        .isInstanceOf(DegenerateGeometryException.class)
        .hasMessageStartingWith("No pose in encoding");
  }

  @Test
  void anEncodingOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> PoseEncoding.decode(new double[7], 70, 56))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot decode a pose of 7 numbers: need 9");
  }

  private static PinholeCamera randomCamera(Random random) {
    Quaternion rotation =
        new Quaternion(
            random.nextGaussian(),
            random.nextGaussian(),
            random.nextGaussian(),
            random.nextGaussian());
    Vec3 translation =
        new Vec3(random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
    double fx = 20 + 100 * random.nextDouble();
    double fy = 20 + 100 * random.nextDouble();
    return new PinholeCamera(new Rigid3(rotation, translation), fx, fy, 35, 28);
  }

  private static double[] rows(PinholeCamera[] cameras, Function<PinholeCamera, double[]> row) {
    return Arrays.stream(cameras).map(row).flatMapToDouble(Arrays::stream).toArray();
  }

  /** [R | t], row-major. */
  private static double[] matrix(Rigid3 motion) {
    return Arrays.copyOf(homogeneous(motion), 12);
  }

  private static double[] homogeneous(Rigid3 motion) {
    double[] r = motion.rotation().toMatrix();
    Vec3 t = motion.translation();
    return new double[] {
      r[0], r[1], r[2], t.x(), r[3], r[4], r[5], t.y(), r[6], r[7], r[8], t.z(), 0, 0, 0, 1
    };
  }

  private static double[] intrinsics(PinholeCamera c) {
    return new double[] {c.fx(), 0, c.cx(), 0, c.fy(), c.cy(), 0, 0, 1};
  }
}
