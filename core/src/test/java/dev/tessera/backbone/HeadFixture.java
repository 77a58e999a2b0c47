package dev.tessera.backbone;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tessera.tensor.GoldenTensors;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.Torch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Kernels, and arrays of one number format made from golden files or from seeded noise. */
final class HeadFixture implements AutoCloseable {
  /** The tiny models: what their weights do not tell. */
  static final CameraHead.Config CAMERA = new CameraHead.Config(8, 2, 4);

  /** Tokens of a view before its patches: one camera, four registers. */
  static final int SPECIAL_TOKENS = 5;

  static final int PATCH_PIXELS = 14;

  /** Layers whose tokens the dense heads of the tiny models take. */
  private static final List<Integer> TAKEN_LAYERS = List.of(0, 2, 3, 4);

  final NDManager manager = Torch.open(Device.cpu(), 2);
  final Kernels kernels = Kernels.load(manager);
  private final DataType format;

  HeadFixture(DataType format) {
    this.format = format;
  }

  NDArray array(Shape shape, double... values) {
    return manager.create(values, shape).toType(format, false);
  }

  NDArray array(GoldenTensors golden, String name) {
    return array(new Shape(golden.info(name).dimensions()), golden.doubles(name));
  }

  NDArray noise(Random random, double scale, long... shape) {
    Shape s = new Shape(shape);
    return array(s, random.doubles(s.size()).map(x -> scale * (2 * x - 1)).toArray());
  }

  private Map<String, NDArray> weights(GoldenTensors golden, String prefix) {
    Map<String, NDArray> weights = new HashMap<>();
    golden.names().stream()
        .filter(name -> name.startsWith(prefix))
        .forEach(name -> weights.put(name.substring(prefix.length()), array(golden, name)));
    return weights;
  }

  /** The weights of a module of the model that a case is of. */
  Map<String, NDArray> weights(String caseName, String module) {
    String model = caseName.substring(0, caseName.indexOf('.'));
    try (GoldenTensors weights = GoldenTensors.open(model + ".weights.safetensors")) {
      return weights(weights, module + ".");
    }
  }

  /** The same weights with those of linear layers and convolutions in bfloat16. */
  Map<String, NDArray> bfloat16(Map<String, NDArray> weights) {
    Map<String, NDArray> narrow = new HashMap<>(weights);
    narrow.replaceAll(
        (name, weight) ->
            name.contains("norm") || name.endsWith("gamma") || name.startsWith("empty")
                ? weight
                : kernels.call(manager, "to_bfloat16", weight));
    return narrow;
  }

  /** What the dense heads take: (V, P, 2C) of each taken layer. */
  List<NDArray> tokenMaps(GoldenTensors golden) {
    return TAKEN_LAYERS.stream().map(layer -> tokens(golden, layer)).toList();
  }

  /** What the camera head takes: (V, 2C). */
  NDArray cameraTokens(GoldenTensors golden) {
    return tokens(golden, TAKEN_LAYERS.get(TAKEN_LAYERS.size() - 1)).get(":, 0");
  }

  private NDArray tokens(GoldenTensors golden, int layer) {
    NDArray frame = array(golden, "stage.frame_block." + layer);
    NDArray global = array(golden, "stage.global_block." + layer);
    return frame.concat(global, -1).squeeze(0);
  }

  TokenGrid grid(int rows, int columns) {
    return TokenGrid.of(manager, rows, columns, SPECIAL_TOKENS, 4, 100);
  }

  /** How the tokens of a case's views lie. */
  TokenGrid grid(GoldenTensors golden) {
    long[] images = golden.info("in.images").dimensions();
    return grid((int) images[2] / PATCH_PIXELS, (int) images[3] / PATCH_PIXELS);
  }

  /** Arrays alive, those of scopes included. */
  int arrays() {
    return manager.getManagedArrays().size();
  }

  /** Compares with a golden tensor and prints the case with the difference. */
  void assertClose(
      String caseName, GoldenTensors golden, String name, NDArray actual, double tolerance) {
    double[] numbers = actual.toType(DataType.FLOAT64, false).toDoubleArray();
    String precision = actual.getDataType().name();
    GoldenTensors.assertClose(
        caseName + " " + precision + " " + name, numbers, golden.doubles(name), tolerance);
  }

  @Override
  public void close() {
    kernels.close();
    manager.close();
  }
}
