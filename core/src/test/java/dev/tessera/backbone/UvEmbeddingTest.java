package dev.tessera.backbone;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import dev.tessera.tensor.GoldenTensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UvEmbeddingTest {
  /**
   * Positions rounded twice to float32, half a unit in the last place each, and the result once.
   */
  private static final double ROUNDING = 4 * 0x1p-24;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void embeddingIsTheReferencesTimesItsWeight(int index) {
    String name = "uv." + index + ".embed";
    try (GoldenTensors golden = GoldenTensors.open("ttt_op_unit.safetensors");
        HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      long[] shape = golden.info(name).dimensions();
      int height = (int) shape[0];
      int width = (int) shape[1];
      int channels = (int) shape[2];

      UvEmbedding embedding =
          UvEmbedding.of(fixture.manager, channels, height, width, (double) width / height);

      float[] u = embedding.u().toFloatArray();
      float[] v = embedding.v().toFloatArray();
      double[] pixels = new double[height * width * channels];
      for (int i = 0; i < pixels.length; i++) {
        int channel = i % channels;
        int x = i / channels % width;
        int y = i / channels / width;
        int half = channels / 2;
        pixels[i] =
            (channel < half ? u[channel * width + x] : v[(channel - half) * height + y])
                / UvEmbedding.WEIGHT;
      }
      golden.assertClose(name, pixels, ROUNDING);
    }
  }

  @Test
  void channelsThatDoNotSplitInFourAreRefused() {
    try (HeadFixture fixture = new HeadFixture(DataType.FLOAT32)) {
      assertThatThrownBy(() -> UvEmbedding.of(fixture.manager, 6, 2, 2, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot embed positions in 6 channels: need a multiple of 4");
    }
  }
}
