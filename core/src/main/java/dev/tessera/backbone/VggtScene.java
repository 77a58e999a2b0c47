package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.backbone.AttentionMixer.LayerMemory;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.tensor.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a network says of a set of images. Poses are there at once; depth and points are computed
 * when they are asked for, some views at a time.
 */
public final class VggtScene implements AutoCloseable {
  private final Vggt network;
  private final NDManager scope;

  /** So that a group's images, and what is spilled of it, fit into one buffer of the JVM. */
  private static final int MOST_TOKENS = 1 << 16;

  /** Pixels whose dense maps are best computed together: four views of 518 x 392. */
  private static final long DENSE_PIXELS = 4L * 518 * 392;

  private final TokenGrid grid;
  private final int views;
  private final int viewsPerGroup;
  private final TokenMaps maps;
  private NDArray cameraTokens; // (V, 2C)
  private NDArray encodings; // (iterations, V, 9)
  private double[] lastEncodings; // (V, 9)
  private List<LayerMemory> memories = List.of();

  VggtScene(Vggt network, NDManager scope, TokenGrid grid, int views, Vggt.Options options) {
    this.network = network;
    this.scope = scope;
    this.grid = grid;
    this.views = views;
    this.viewsPerGroup =
        Math.max(1, Math.min(options.tokensPerGroup(), MOST_TOKENS) / grid.tokens());
    this.maps = new TokenMaps(scope, network.kernels(), options.mapBytes());
  }

  NDManager scope() {
    return scope;
  }

  TokenGrid grid() {
    return grid;
  }

  int viewsPerGroup() {
    return viewsPerGroup;
  }

  void write(
      AlternatingAttention trunk,
      AttentionMixer mixer,
      List<NDArray> tokens,
      boolean remember,
      Trace trace) {
    AlternatingAttention.Mixed mixed =
        trunk.write(scope, mixer, tokens, grid, maps, remember, trace);
    cameraTokens = mixed.cameraTokens();
    memories = mixed.memories();
  }

  void read(
      AlternatingAttention trunk,
      AttentionMixer mixer,
      List<NDArray> tokens,
      LayerMemories memory) {
    cameraTokens = trunk.read(scope, mixer, tokens, grid, maps, memory);
  }

  /**
   * Poses of these views, and of no others.
   *
   * @param before camera tokens of the views that the scene is made of; null if these are they
   */
  void decodePoses(CameraHead camera, NDArray before) {
    try (NDManager step = scope.newSubManager()) {
      NDArray tokens =
          before == null
              ? cameraTokens
              : network.kernels().call(step, "stacked", List.of(before, cameraTokens));
      NDArray all = camera.encodings(step, tokens);
      encodings = network.kernels().call(scope, "last_columns", all, views);
    }
    double[] all = poseEncodings().doubles();
    lastEncodings = Arrays.copyOfRange(all, all.length - views * PoseEncoding.LENGTH, all.length);
  }

  /** How many views of that size a dense head had better see at a time. */
  public static int viewsPerDenseGroup(int height, int width) {
    return (int) Math.max(1, DENSE_PIXELS / ((long) height * width));
  }

  public int views() {
    return views;
  }

  /** Encoded poses after every refinement, (iterations, V, 9); the last are the answer. */
  public HostTensor poseEncodings() {
    return HostTensor.copyOf(encodings);
  }

  /**
   * The camera of a view, at the size of the network's input.
   *
   * @throws DegenerateGeometryException if the network gave no finite pose
   */
  public PinholeCamera camera(int view) {
    int from = view * PoseEncoding.LENGTH;
    double[] encoding = Arrays.copyOfRange(lastEncodings, from, from + PoseEncoding.LENGTH);
    int patch = network.config().patchSize();
    return PoseEncoding.decode(encoding, grid.patchColumns() * patch, grid.patchRows() * patch);
  }

  /** What the cameras looked like in the last layer, (V, 2C). */
  public HostTensor cameraTokens() {
    return HostTensor.copyOf(cameraTokens);
  }

  /**
   * What must be kept to locate other images later, by name.
   *
   * @throws IllegalStateException if the scene was not asked to remember
   */
  public Map<String, HostTensor> memory() {
    if (memories.isEmpty()) {
      throw new IllegalStateException("This scene was not asked to remember");
    }
    return LayerMemories.copyOf(memories.stream().map(LayerMemory::tensors).toList(), cameraTokens);
  }

  /**
   * Values and confidences of some views' pixels.
   *
   * @param values (views, height, width, 1) depths, or (views, height, width, 3) points in the
   *     scene's frame
   * @param confidence (views, height, width), at least 1
   */
  public record DenseMaps(HostTensor values, HostTensor confidence) {}

  /** Depth along the optical axis, of the views {@code from} to {@code to - 1}. */
  public DenseMaps depth(int from, int to) {
    return dense(network.depthHead(), from, to);
  }

  /**
   * Points as the network's other head predicts them, of the views {@code from} to {@code to - 1}.
   */
  public DenseMaps points(int from, int to) {
    return dense(network.pointHead(), from, to);
  }

  private DenseMaps dense(DptHead head, int from, int to) {
    try (NDManager step = scope.newSubManager()) {
      List<NDArray> levels = new ArrayList<>();
      for (int tap = 0; tap < DptHead.LEVELS; tap++) {
        levels.add(map(step, tap, from, to));
      }
      DptHead.Prediction prediction =
          head.predict(step, levels, grid, network.config().patchSize());
      return new DenseMaps(
          HostTensor.copyOf(prediction.values()), HostTensor.copyOf(prediction.confidence()));
    }
  }

  /** The map of views that may lie in several groups. */
  private NDArray map(NDManager step, int tap, int from, int to) {
    List<NDArray> parts = new ArrayList<>();
    for (int view = from; view < to; ) {
      int group = view / viewsPerGroup;
      int start = group * viewsPerGroup;
      int end = Math.min(to, start + viewsPerGroup);
      parts.add(maps.get(step, tap, group, view - start, end - start));
      view = end;
    }
    return parts.size() == 1 ? parts.get(0) : network.kernels().call(step, "stacked", parts);
  }

  @Override
  public void close() {
    try {
      memories.forEach(LayerMemory::close);
      maps.close();
    } finally {
      scope.close();
    }
  }
}
