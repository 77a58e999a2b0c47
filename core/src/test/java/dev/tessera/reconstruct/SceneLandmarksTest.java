package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.landmarks.KeyProjection;
import dev.tessera.landmarks.LandmarkMemory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SceneLandmarksTest {
  private static final Intrinsics LENS = new Intrinsics(640, 480, 500.5, 322, 237, -0.1, 0.02);

  /** What a chunk of 150 photos may keep. */
  private static final long MOST_BYTES = 330_000;

  @Test
  void tensorsGiveTheLandmarksBack() {
    SceneLandmarks written = landmarks(300);

    SceneLandmarks read = SceneLandmarks.of(written.toTensors());

    assertThat(read.landmarks().keys()).isEqualTo(written.landmarks().keys());
    assertThat(read.landmarks().values()).isEqualTo(written.landmarks().values());
    assertThat(read.landmarks().low()).isEqualTo(written.landmarks().low());
    assertThat(read.landmarks().high()).isEqualTo(written.landmarks().high());
    assertThat(read.landmarks().seed()).isEqualTo(KeyProjection.SEED);
    assertThat(read.lenses()).isEqualTo(written.lenses());
  }

  @Test
  void aChunkOfAHundredAndFiftyPhotosKeepsItsBound() {
    assertThat(landmarks(LandmarkMemory.size(150)).toTensors().bytes())
        .isLessThanOrEqualTo(MOST_BYTES);
  }

  @Test
  void withoutALandmarkThereIsNoMemory() {
    assertThat(landmarks(0).toTensors()).isEqualTo(SceneMemory.NONE);
  }

  @Test
  void aMemoryOfAnotherKindOrVersionIsRefused() {
    SceneMemory weights =
        new SceneMemory(
            SceneMemory.FAST_WEIGHTS,
            List.of(new SceneMemory.Tensor("w", "U8", List.of(1), new byte[1])));
    SceneMemory later =
        new SceneMemory(
            SceneMemory.LANDMARKS,
            List.of(new SceneMemory.Tensor("version", "I32", List.of(), new byte[] {9, 0, 0, 0})));

    assertThatThrownBy(() -> SceneLandmarks.of(weights))
        .hasMessage("Cannot read landmarks of version 1: its kind is fast-weights");
    assertThatThrownBy(() -> SceneLandmarks.of(later))
        .hasMessage("Cannot read landmarks of version 1: its version is 9");
  }

  /** The lens is of 640 x 480 pixels, its focal length 500.5, known to 5 % from headers. */
  @Test
  void aPhotoOfUnknownMakeMayBeResizedOrTheMiddleOfALargerOne() {
    SceneLandmarks scene = landmarks(1);

    assertThat(scene.lensesLike(photo(320, 240, 250)))
        .containsExactly(new Intrinsics(320, 240, 250.25, 161, 118.5, -0.1, 0.02));
    assertThat(scene.lensesLike(photo(320, 240, 510)))
        .containsExactly(new Intrinsics(320, 240, 500.5, 162, 117, -0.1, 0.02));
    assertThat(scene.lensesLike(photo(640, 480, 500))).containsExactly(LENS);
    assertThat(scene.lensesLike(photo(640, 480, 700))).isEmpty();
  }

  private static View photo(int width, int height, double focal) {
    String digest = "a".repeat(64);
    FocalPrior prior = new FocalPrior(focal, FocalPrior.Source.FOCAL_PLANE);
    return new View(
        ViewId.ofSha256(digest), "u", "n", digest, width, height, 1, prior, "other", null, null);
  }

  private static SceneLandmarks landmarks(int count) {
    Random random = new Random(count);
    byte[] keys = new byte[count * KeyProjection.KEY_LENGTH];
    random.nextBytes(keys);
    short[] values = new short[3 * count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) random.nextInt();
    }
    return new SceneLandmarks(
        new LandmarkMemory(
            KeyProjection.SEED, keys, values, new Vec3(-1, 2, -3.5), new Vec3(4, 5, 6)),
        Map.of(SceneLandmarks.cameraCode("a"), LENS));
  }
}
