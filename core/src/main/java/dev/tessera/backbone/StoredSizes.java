package dev.tessera.backbone;

import dev.tessera.tensor.TensorSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The hidden sizes as a checkpoint has them; usual ones where it lacks the tensor. */
record StoredSizes(TensorSource checkpoint) implements HiddenSizes {
  private static final int USUAL_MLP_RATIO = 4;
  private static final Pattern LAYER = Pattern.compile("\\.\\d+\\.");

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

  /** One layer's norm stands for those of all layers: a checkpoint that lost one does not fit. */
  @Override
  public boolean hasNorm(String name) {
    return storedInAnyLayer(name + ".weight").isPresent();
  }

  @Override
  public long convolutionSide(List<String> names, int which) {
    return names.stream()
        .flatMap(name -> storedInAnyLayer(name).stream())
        .findFirst()
        .map(name -> extent(name, 2, 1))
        .orElse(0L);
  }

  /** A stored name that differs from this one at most in the number of its layer. */
  private Optional<String> storedInAnyLayer(String name) {
    if (checkpoint.names().contains(name)) {
      return Optional.of(name);
    }
    Pattern inAnyLayer = Pattern.compile(LAYER.matcher(name).replaceFirst(".\\\\d+."));
    return checkpoint.names().stream().filter(inAnyLayer.asMatchPredicate()).findFirst();
  }

  private long extent(String name, int axis, long usual) {
    return checkpoint.names().contains(name) && checkpoint.info(name).shape().size() > axis
        ? checkpoint.info(name).shape().get(axis)
        : usual;
  }
}
