package dev.tessera.backbone;

import dev.tessera.tensor.TensorSource;
import java.util.List;

/** The hidden sizes as a checkpoint has them; usual ones where it lacks the tensor. */
record StoredSizes(TensorSource checkpoint) implements HiddenSizes {
  private static final int USUAL_MLP_RATIO = 4;

  @Override
  public long mlp(String firstLayer, long channels) {
    return outputs(firstLayer, USUAL_MLP_RATIO * channels);
  }

  @Override
  public long outputs(String layer, long usual) {
    return extent(layer + ".weight", 0, usual);
  }

  @Override
  public long vitRegisters(String name, long usual) {
    return extent(name, 1, usual);
  }

  @Override
  public boolean hasNorm(String name) {
    return checkpoint.names().contains(name + ".weight");
  }

  @Override
  public long convolutionSide(List<String> names, int which) {
    return names.stream()
        .filter(checkpoint.names()::contains)
        .findFirst()
        .map(name -> extent(name, 2, 1))
        .orElse(0L);
  }

  private long extent(String name, int axis, long usual) {
    return checkpoint.names().contains(name) && checkpoint.info(name).shape().size() > axis
        ? checkpoint.info(name).shape().get(axis)
        : usual;
  }
}
