package dev.tessera.backbone;

import java.util.List;

/**
 * The hidden sizes of a network that has no weights yet.
 *
 * @param mlpRatio width of a block's hidden layer, in widths of its tokens
 * @param convolutionSides of queries, keys and values; 0 for none
 */
record StatedSizes(double mlpRatio, List<Integer> convolutionSides) implements HiddenSizes {
  @Override
  public long mlp(String firstLayer, long channels) {
    return (long) (mlpRatio * channels);
  }

  @Override
  public long outputs(String layer, long usual) {
    return usual;
  }

  @Override
  public long vitRegisters(String name, long usual) {
    return usual;
  }

  @Override
  public boolean hasNorm(String name) {
    return true;
  }

  @Override
  public long convolutionSide(List<String> names, int which) {
    return convolutionSides.get(which);
  }
}
