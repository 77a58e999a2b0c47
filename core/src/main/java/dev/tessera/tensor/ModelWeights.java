package dev.tessera.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The weights of a network on its device. On a CPU a float32 checkpoint is not copied: pages come
 * from the file when they are first used, and several JVMs share them.
 */
public final class ModelWeights implements AutoCloseable {
  private final NDManager owner;
  private final Map<String, NDArray> tensors;
  private final List<WeightGroup> groups = new ArrayList<>();

  private ModelWeights(NDManager owner, Map<String, NDArray> tensors) {
    this.owner = owner;
    this.tensors = tensors;
  }

  /**
   * Loads planned tensors.
   *
   * @param storedNames what {@link Checkpoint#require} answered: stored names by planned names
   * @param halved planned names of the weights that are bfloat16 under {@link Precision#BF16}
   */
  public static ModelWeights load(
      NDManager manager,
      Kernels kernels,
      TensorSource checkpoint,
      Map<String, String> storedNames,
      Precision precision,
      Predicate<String> halved) {
    NDManager owner = manager.newSubManager();
    Map<String, NDArray> tensors = new HashMap<>();
    try {
      storedNames.forEach(
          (name, stored) -> {
            boolean half = precision == Precision.BF16 && halved.test(name);
            tensors.put(name, load(owner, kernels, checkpoint, stored, precision, half));
          });
    } catch (RuntimeException | Error e) {
      owner.close();
      throw e;
    }
    return new ModelWeights(owner, tensors);
  }

  private static NDArray load(
      NDManager owner,
      Kernels kernels,
      TensorSource checkpoint,
      String stored,
      Precision precision,
      boolean half) {
    TensorInfo info = checkpoint.info(stored);
    if (precision == Precision.F32 && info.dtype() == DType.F32) {
      return float32(owner, checkpoint, stored);
    }
    if (precision == Precision.F64 && info.dtype() == DType.F64) {
      return owner.create(checkpoint.bytes(stored), new Shape(info.dimensions()), DataType.FLOAT64);
    }
    try (NDManager step = owner.newSubManager()) {
      NDArray single = float32(step, checkpoint, stored);
      return half
          ? kernels.call(owner, "to_bfloat16", single)
          : kernels.call(owner, "to_stream", single, precision == Precision.F64);
    }
  }

  private static NDArray float32(NDManager scope, TensorSource checkpoint, String stored) {
    TensorInfo info = checkpoint.info(stored);
    Shape shape = new Shape(info.dimensions());
    if (info.dtype() == DType.F32) {
      return scope.create(checkpoint.bytes(stored), shape, DataType.FLOAT32);
    }
    ByteBuffer widened =
        ByteBuffer.allocateDirect(Math.toIntExact(info.elements() * Float.BYTES))
            .order(ByteOrder.nativeOrder());
    if (info.dtype() == DType.F64) {
      widened.asFloatBuffer().put(checkpoint.roundedFloats(stored));
    } else {
      checkpoint.floats(stored, widened.asFloatBuffer());
    }
    return scope.create(widened, shape, DataType.FLOAT32);
  }

  /**
   * The weights of the module whose names begin with {@code prefix}, by the rest of their names.
   */
  public Map<String, NDArray> members(String prefix) {
    return WeightGroup.below(prefix, tensors);
  }

  /** The same, ready for kernels; closed with the weights. */
  public WeightGroup group(String prefix) {
    WeightGroup group = new WeightGroup(members(prefix));
    groups.add(group);
    return group;
  }

  /** One weight by its planned name. */
  public NDArray tensor(String name) {
    NDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("Cannot find weight '%s': not planned".formatted(name));
    }
    return tensor;
  }

  @Override
  public void close() {
    groups.forEach(WeightGroup::close);
    owner.close();
  }
}
