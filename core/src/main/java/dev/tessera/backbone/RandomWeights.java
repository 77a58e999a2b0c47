package dev.tessera.backbone;

import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Writes a checkpoint that knows nothing: for measuring, since time does not depend on the weights'
 * values. A matrix's entries are uniform with the variance 1 / inputs, so that activations keep
 * their size from layer to layer; norms start as the identity.
 */
public final class RandomWeights {
  private static final int PIECE = 1 << 20;

  /** Of layer scales: small, so that no branch outweighs the residual stream. */
  private static final float LAYER_SCALE = 0.1f;

  /** The largest power of two whose steps a float32 in [-1, 1] has all of. */
  private static final int MANTISSA_BITS = 23;

  private RandomWeights() {}

  /** Writes the tensors of a released model in the given sizes; nothing is kept in memory. */
  public static void write(Path file, VggtConfig config, long seed) throws IOException {
    List<TensorInfo> tensors = VggtKeys.released(config);
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, tensors, Map.of())) {
      for (TensorInfo tensor : tensors) {
        SplittableRandom random = new SplittableRandom(seed ^ tensor.name().hashCode());
        for (long done = 0; done < tensor.elements(); done += PIECE) {
          int count = (int) Math.min(PIECE, tensor.elements() - done);
          writer.write(tensor.name(), values(tensor, count, random));
        }
      }
      writer.finish();
    }
  }

  private static float[] values(TensorInfo tensor, int count, SplittableRandom random) {
    float[] values = new float[count];
    float offset = 0;
    double spread = 0;
    if (tensor.name().endsWith(".gamma")) {
      offset = LAYER_SCALE;
    } else if (tensor.shape().size() > 1) {
      spread = Math.sqrt(3.0 / inputs(tensor));
    } else if (tensor.name().contains("norm") && tensor.name().endsWith(".weight")) {
      offset = 1;
    }
    float step = (float) Math.scalb(spread, -MANTISSA_BITS);
    for (int i = 0; i < count; i++) {
      values[i] = offset + step * (random.nextInt() >> (Integer.SIZE - 1 - MANTISSA_BITS));
    }
    return values;
  }

  /**
   * What is summed for one output: all axes of a weight but the first; the last axis of a token.
   */
  private static double inputs(TensorInfo tensor) {
    List<Long> shape = tensor.shape();
    String name = tensor.name();
    if (name.endsWith("attn.w0") || name.endsWith("attn.w1") || name.endsWith("attn.w2")) {
      return shape.get(1);
    }
    if (!name.endsWith(".weight")) {
      return shape.get(shape.size() - 1);
    }
    return tensor.elements() / (double) shape.get(0);
  }
}
