package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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

  /** Puts what a scene remembers back on a device. */
  static LayerMemories of(NDManager manager, Map<String, HostTensor> tensors, int depth) {
    NDManager owner = manager.newSubManager();
    List<Map<String, NDArray>> layers = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      String prefix = LAYER + i + ".";
      Map<String, NDArray> layer = new TreeMap<>();
      tensors.forEach(
          (name, tensor) -> {
            if (name.startsWith(prefix)) {
              layer.put(name.substring(prefix.length()), tensor.toDevice(owner));
            }
          });
      layers.add(layer);
    }
    HostTensor camera = tensors.get(CAMERA_TOKENS);
    if (camera == null || layers.stream().anyMatch(Map::isEmpty)) {
      owner.close();
      throw new IllegalArgumentException(
          "Cannot read the scene's memory: %s is not the memory of %d layers"
              .formatted(tensors.keySet(), depth));
    }
    return new LayerMemories(owner, layers, camera.toDevice(owner));
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
