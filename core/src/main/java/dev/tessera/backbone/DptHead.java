package dev.tessera.backbone;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.WeightGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A value and a confidence for every pixel from four token maps of different depths (Ranftl et al.
 * 2021, as VGGT has it): each becomes an image pyramid's level, and the levels are fused from the
 * coarsest to the finest.
 *
 * <p>Views do not see each other here, so they may come in groups of any size; the largest tensors
 * are (G, F, 8 rows, 8 columns) and (G, F / 2, height, width), of which two live at a time.
 */
public final class DptHead implements AutoCloseable {
  /** Token maps that are fused. */
  public static final int LEVELS = 4;

  private final NDManager owner;
  private final Kernels kernels;
  private final WeightGroup weights;
  private final Output output;
  private final Map<ImageSize, List<NDArray>> embeddings = new ConcurrentHashMap<>();

  /** What the numbers before the last channel are; the last becomes {@code 1 + e^c}. */
  public enum Output {
    /** Distance along the optical axis: {@code e^x}. */
    DEPTH("depth_and_confidence"),
    /** Points in the frame of the first view: {@code sign(x) (e^|x| - 1)}. */
    POINTS("points_and_confidence");

    private final String activation;

    Output(String activation) {
      this.activation = activation;
    }
  }

  /**
   * What the head says of a group of views.
   *
   * @param values (G, height, width, 1) depths or (G, height, width, 3) points
   * @param confidence (G, height, width), above 1
   */
  public record Prediction(NDArray values, NDArray confidence) {}

  /** Sizes that decide the position embeddings. */
  private record ImageSize(int rows, int columns, int height, int width) {}

  /**
   * A head on weights that it does not own.
   *
   * @param owner keeps small tables for each image size seen
   * @param weights by their names below {@code depth_head.} or {@code point_head.}
   */
  public DptHead(NDManager owner, Kernels kernels, Map<String, NDArray> weights, Output output) {
    this.owner = owner;
    this.kernels = kernels;
    this.weights = new WeightGroup(weights);
    this.output = output;
  }

  /**
   * The prediction for a group of views.
   *
   * @param scope owns the result
   * @param maps {@link #LEVELS} token maps (G, P, 2C), shallow layers first
   * @param grid how the tokens of a view lie
   * @param patchPixels width and height of a patch
   */
  public Prediction predict(NDManager scope, List<NDArray> maps, TokenGrid grid, int patchPixels) {
    requireMaps(maps, grid);
    int rows = grid.patchRows();
    int columns = grid.patchColumns();
    int height = rows * patchPixels;
    int width = columns * patchPixels;
    List<NDArray> uv =
        embeddings.computeIfAbsent(new ImageSize(rows, columns, height, width), this::embeddings);
    try (NDManager step = scope.newSubManager()) {
      NDArray raw =
          kernels.call(
              step, "dense", maps, weights, grid.specialTokens(), rows, columns, height, width, uv);
      List<NDArray> activated = kernels.callForList(scope, output.activation, raw);
      return new Prediction(activated.get(0), activated.get(1));
    }
  }

  private static void requireMaps(List<NDArray> maps, TokenGrid grid) {
    if (maps.size() != LEVELS) {
      throw new IllegalArgumentException(
          "Cannot fuse %d token maps: need %d".formatted(maps.size(), LEVELS));
    }
    for (NDArray map : maps) {
      if (map.getShape().dimension() != 3 || map.getShape().get(1) != grid.tokens()) {
        throw new IllegalArgumentException(
            "Cannot fuse token map %s: need (views, %d, width)"
                .formatted(map.getShape(), grid.tokens()));
      }
    }
  }

  /** u and v of the four levels, then of the full size. */
  private List<NDArray> embeddings(ImageSize size) {
    double aspect = (double) size.width() / size.height();
    List<NDArray> uv = new ArrayList<>();
    for (int level = 0; level < LEVELS; level++) {
      int channels = outputChannels("projects." + level);
      add(uv, UvEmbedding.of(owner, channels, size.rows(), size.columns(), aspect));
    }
    int channels = outputChannels("scratch.output_conv1");
    add(uv, UvEmbedding.of(owner, channels, size.height(), size.width(), aspect));
    return List.copyOf(uv);
  }

  private static void add(List<NDArray> uv, UvEmbedding embedding) {
    uv.add(embedding.u());
    uv.add(embedding.v());
  }

  private int outputChannels(String convolution) {
    return (int) weights.get(convolution + ".weight").getShape().get(0);
  }

  @Override
  public void close() {
    weights.close();
    embeddings.values().forEach(uv -> uv.forEach(NDArray::close));
  }
}
