package dev.tessera.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The weights of one module by their names within it, ready to be passed to a kernel, which sees
 * them as {@code Dict[str, Tensor]}. Does not own the tensors.
 */
public final class WeightGroup implements AutoCloseable {
  private final Map<String, NDArray> tensors;
  private final IValue dictionary;

  public WeightGroup(Map<String, NDArray> tensors) {
    this.tensors = new TreeMap<>(tensors);
    this.dictionary =
        IValue.stringMapFrom(
            tensors.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, e -> (PtNDArray) e.getValue())));
  }

  /** Those of the tensors whose names begin with a prefix, by the rest of their names. */
  public static Map<String, NDArray> below(String prefix, Map<String, NDArray> tensors) {
    Map<String, NDArray> members = new HashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            members.put(name.substring(prefix.length()), tensor);
          }
        });
    return members;
  }

  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The weight of that name.
   *
   * @throws IllegalArgumentException if the module has none
   */
  public NDArray get(String name) {
    NDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("No weight " + name + " among " + tensors.keySet());
    }
    return tensor;
  }

  IValue dictionary() {
    return dictionary;
  }

  @Override
  public void close() {
    dictionary.close();
  }
}
