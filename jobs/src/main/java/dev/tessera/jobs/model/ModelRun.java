package dev.tessera.jobs.model;

import ai.djl.Device;
import dev.tessera.backbone.LayerMemories;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.backbone.VggtScene;
import dev.tessera.jobs.ProgressBoard;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.HostTensor;
import dev.tessera.tensor.Precision;
import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One pass of a network over images, written to a safetensors file: a scene alone, or a scene and
 * then images that are located in it one by one.
 */
public final class ModelRun {
  private static final String FAST = "fast.";

  private final Checkpoint checkpoint;
  private final VggtConfig config;
  private final Settings settings;
  private final ProgressBoard board;

  /**
   * How the pass is computed.
   *
   * @param globalPoints whether the point head is run
   * @param threads that one operation may use
   */
  public record Settings(
      Precision precision, Vggt.Options options, boolean globalPoints, int threads) {
    private DType dtype() {
      return precision == Precision.F64 ? DType.F64 : DType.F32;
    }

    private Map<String, String> metadata() {
      return Map.of(
          "steps", Integer.toString(options.steps()),
          "token_chunk", Integer.toString(options.tokensPerGroup()),
          "precision", precision.name(),
          "global_points", Boolean.toString(globalPoints));
    }
  }

  /**
   * @throws IllegalArgumentException if the weights do not fit, or cannot do what the settings ask
   */
  public ModelRun(
      Checkpoint checkpoint, VggtConfig config, Settings settings, ProgressBoard board) {
    Vggt.requireFits(checkpoint, config);
    if (settings.globalPoints() && !config.hasPointHead()) {
      throw new IllegalArgumentException(
          "Cannot predict global points: the weights %s have no point_head"
              .formatted(checkpoint.path()));
    }
    this.checkpoint = checkpoint;
    this.config = config;
    this.settings = settings;
    this.board = board;
  }

  /** Reconstructs a scene: {@code out.*}, and {@code fast.*} where there are fast weights. */
  public void reconstruct(ImageTensor images, Path file) throws IOException {
    SceneTensors tensors = tensors("out.", images);
    List<TensorInfo> plan = new ArrayList<>(tensors.plan());
    plan.addAll(fastWeights(""));
    try (SafetensorsWriter out = SafetensorsWriter.create(file, plan, settings.metadata());
        Vggt network = open()) {
      map(network, images, tensors, "", out);
      out.finish();
    }
  }

  /**
   * Reconstructs a scene, {@code map.*}, and says where each of other images was taken in it,
   * {@code query.0.*} and so on. No query changes the scene or is seen by another.
   *
   * @throws IllegalArgumentException if the network keeps no memory of a scene
   */
  public void locate(ImageTensor images, ImageTensor queries, Path file) throws IOException {
    if (!config.isQueryable()) {
      throw new IllegalArgumentException(
          "Cannot locate query images: the weights %s have no fast weights that remember a scene"
              .formatted(checkpoint.path()));
    }
    SceneTensors tensors = tensors("map.", images);
    List<TensorInfo> plan = new ArrayList<>(tensors.plan());
    plan.addAll(fastWeights("map."));
    for (int i = 0; i < queries.count(); i++) {
      plan.addAll(query(queries, i).plan());
    }
    try (SafetensorsWriter out = SafetensorsWriter.create(file, plan, settings.metadata());
        Vggt network = open()) {
      locate(network, map(network, images, tensors, "map.", out), queries, out);
      out.finish();
    }
  }

  private void locate(
      Vggt network, Map<String, HostTensor> memory, ImageTensor queries, SafetensorsWriter out)
      throws IOException {
    long start = System.nanoTime();
    AtomicLong done = new AtomicLong();
    board.start("queries", "images", queries.count(), done::get);
    try (LayerMemories remembered = network.remembered(memory)) {
      for (int i = 0; i < queries.count(); i++) {
        SceneTensors tensors = query(queries, i);
        try (VggtScene answer = network.locate(remembered, queries.only(i), settings.options())) {
          tensors.write(out, answer, views -> {});
        }
        done.set(i + 1L);
      }
    }
    board.finish("queries", queries.count() + " images, one by one", seconds(start));
  }

  private SceneTensors query(ImageTensor queries, int i) {
    return tensors("query." + i + ".", queries.only(i));
  }

  private SceneTensors tensors(String prefix, ImageTensor images) {
    return new SceneTensors(prefix, images, config, settings.dtype(), settings.globalPoints());
  }

  private Vggt open() {
    return Vggt.open(checkpoint, config, Device.cpu(), settings.threads(), settings.precision());
  }

  /** Reconstructs the scene, writes it, and gives back what it remembers. */
  private Map<String, HostTensor> map(
      Vggt network,
      ImageTensor images,
      SceneTensors tensors,
      String fastPrefix,
      SafetensorsWriter out)
      throws IOException {
    long start = System.nanoTime();
    AtomicLong layers = new AtomicLong();
    board.start("scene", "layers", config.depth(), layers::get);
    boolean remember = config.isQueryable();
    try (VggtScene scene =
        network.reconstruct(
            images, settings.options(), remember, (done, total) -> layers.set(done))) {
      String size = "%d images of %d x %d pixels (height x width), %d layers";
      board.finish(
          "scene",
          size.formatted(images.count(), images.height(), images.width(), config.depth()),
          seconds(start));
      writeDense(scene, images, tensors, out);
      return remember ? writeFast(scene.memory(), fastPrefix, out) : Map.of();
    }
  }

  private void writeDense(
      VggtScene scene, ImageTensor images, SceneTensors tensors, SafetensorsWriter out)
      throws IOException {
    long start = System.nanoTime();
    AtomicLong views = new AtomicLong();
    board.start("dense", "images", images.count(), views::get);
    tensors.write(out, scene, views::set);
    String heads = settings.globalPoints() ? "depth and points" : "depth";
    board.finish("dense", heads + " of " + images.count() + " images", seconds(start));
  }

  private static Map<String, HostTensor> writeFast(
      Map<String, HostTensor> memory, String prefix, SafetensorsWriter out) throws IOException {
    for (Map.Entry<String, HostTensor> tensor : memory.entrySet()) {
      if (tensor.getKey().startsWith(FAST)) {
        out.write(prefix + tensor.getKey(), tensor.getValue().bytes());
      }
    }
    return memory;
  }

  private List<TensorInfo> fastWeights(String prefix) {
    List<TensorInfo> plan = new ArrayList<>();
    config
        .fastWeights()
        .ifPresent(
            fast -> {
              long heads = fast.heads();
              long inner = config.width() / heads;
              long hidden = fast.hidden();
              for (int layer = 0; layer < config.depth(); layer++) {
                String name = prefix + FAST + layer;
                DType dtype = settings.dtype();
                plan.add(TensorInfo.of(name + ".w0", dtype, heads, inner, hidden));
                plan.add(TensorInfo.of(name + ".w1", dtype, heads, hidden, inner));
                plan.add(TensorInfo.of(name + ".w2", dtype, heads, inner, hidden));
              }
            });
    return plan;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
