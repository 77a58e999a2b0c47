package dev.tessera.backbone;

import dev.tessera.tensor.TensorSource;
import java.util.List;

/**
 * The sizes of a network, and where each of them is known from.
 *
 * @param config all sizes together
 * @param sizes one by one, under the names that a config file has for them
 */
public record VggtSizes(VggtConfig config, List<Size> sizes) {

  /** Where a size is known from. */
  public enum Origin {
    /** The shapes of the weights, which a config file must not contradict. */
    WEIGHTS,
    CONFIG,
    /** Neither says: what the released models have. */
    DEFAULT
  }

  /** One size, or one of the constants that go with them. */
  public record Size(String name, String value, Origin origin) {}

  public VggtSizes {
    sizes = List.copyOf(sizes);
  }

  /**
   * The sizes of the network in a checkpoint.
   *
   * @param file what the model's config file says; {@link ConfigFile#NONE} where there is none
   * @throws IllegalArgumentException if the checkpoint is of another network, the two contradict
   *     each other, or something is said by neither
   */
  public static VggtSizes of(TensorSource checkpoint, ConfigFile file) {
    VggtShapes shapes = new VggtShapes(checkpoint, file);
    return new VggtSizes(shapes.config(), shapes.sizes());
  }
}
