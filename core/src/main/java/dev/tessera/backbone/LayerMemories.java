package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.tessera.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a network remembers of a scene, on its device: the memory of every global layer and the
 * camera tokens of the views it saw (paper of VGG-T3, section on localisation).
 *
 * <p>Outside, its tensors are called {@code fast.LAYER.NAME} and {@code cam_tokens}.
 */
public final class LayerMemories implements AutoCloseable {
  static final String CAMERA_TOKENS = "cam_tokens";
  private static final String LAYER = "fast.";

  private final NDManager owner;
  private final List<Map<String, NDArray>> layers;
  private final NDArray cameraTokens; // (V, 2C)

  private LayerMemories(NDManager owner, List<Map<String, NDArray>> layers, NDArray cameraTokens) {
    this.owner = owner;
    this.layers = layers;
    this.cameraTokens = cameraTokens;
  }

  /**
   * Puts what a scene remembers back on a device.
   *
   * @param type the tensors' there, whatever they are outside
   * @throws IllegalArgumentException if a network of other sizes wrote it
   */
  static LayerMemories of(
      NDManager manager, Map<String, HostTensor> tensors, VggtConfig config, DataType type) {
    requireFits(tensors, config);
    NDManager owner = manager.newSubManager();
    try {
      return onDevice(owner, tensors, config, type);
    } catch (RuntimeException | Error e) {
      owner.close();
      throw e;
    }
  }

  private static LayerMemories onDevice(
      NDManager owner, Map<String, HostTensor> tensors, VggtConfig config, DataType type) {
    List<Map<String, NDArray>> layers = new ArrayList<>();
    for (int i = 0; i < config.depth(); i++) {
      String prefix = LAYER + i + ".";
      Map<String, NDArray> layer = new TreeMap<>();
      tensors.forEach(
          (name, tensor) -> {
            if (name.startsWith(prefix)) {
              layer.put(
                  name.substring(prefix.length()), tensor.toDevice(owner).toType(type, false));
            }
          });
      layers.add(layer);
    }
    NDArray camera = tensors.get(CAMERA_TOKENS).toDevice(owner).toType(type, false);
    return new LayerMemories(owner, layers, camera);
  }

  private static void requireFits(Map<String, HostTensor> tensors, VggtConfig config) {
    HostTensor camera = tensors.get(CAMERA_TOKENS);
    List<Integer> cameras = camera == null ? List.of() : camera.shape();
    if (cameras.size() != 2 || cameras.get(1) != 2 * config.width()) {
      throw foreign(CAMERA_TOKENS, cameras, "(views, %d)".formatted(2 * config.width()));
    }
    for (int i = 0; i < config.depth(); i++) {
      String layer = LAYER + i + ".";
      if (tensors.keySet().stream().noneMatch(name -> name.startsWith(layer))) {
        throw foreign(layer + "*", List.of(), "the memory of %d layers".formatted(config.depth()));
      }
    }
    config.fastWeights().ifPresent(fast -> requireFits(tensors, config, fast));
  }

  private static void requireFits(
      Map<String, HostTensor> tensors, VggtConfig config, VggtConfig.FastWeightLayers fast) {
    int head = config.width() / fast.heads();
    List<Integer> in = List.of(fast.heads(), head, fast.hidden());
    List<Integer> out = List.of(fast.heads(), fast.hidden(), head);
    List<List<Integer>> shapes = List.of(in, out, in);
    for (int i = 0; i < config.depth(); i++) {
      for (int w = 0; w < shapes.size(); w++) {
        String name = LAYER + i + "." + FastWeightMemory.NAMES.get(w);
        HostTensor tensor = tensors.get(name);
        List<Integer> shape = tensor == null ? List.of() : tensor.shape();
        if (!shape.equals(shapes.get(w))) {
          throw foreign(name, shape, shapes.get(w).toString());
        }
      }
    }
  }

  private static IllegalArgumentException foreign(String name, List<Integer> found, String need) {
    return new IllegalArgumentException(
        "Cannot read the scene's memory: %s is %s, this network needs %s; ask the one that wrote it"
            .formatted(name, found.isEmpty() ? "missing" : found.toString(), need));
  }

  /** The tensors by the names they have outside. */
  static Map<String, HostTensor> copyOf(List<Map<String, NDArray>> layers, NDArray cameraTokens) {
    Map<String, HostTensor> tensors = new TreeMap<>();
    for (int i = 0; i < layers.size(); i++) {
      String prefix = LAYER + i + ".";
      layers.get(i).forEach((name, t) -> tensors.put(prefix + name, HostTensor.copyOf(t)));
    }
    tensors.put(CAMERA_TOKENS, HostTensor.copyOf(cameraTokens));
    return tensors;
  }

  Map<String, NDArray> layer(int layer) {
    return layers.get(layer);
  }

  NDArray cameraTokens() {
    return cameraTokens;
  }

  @Override
  public void close() {
    owner.close();
  }
}
