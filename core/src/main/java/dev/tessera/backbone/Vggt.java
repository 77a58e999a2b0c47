package dev.tessera.backbone;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.HostTensor;
import dev.tessera.tensor.Kernels;
import dev.tessera.tensor.KeyMatch;
import dev.tessera.tensor.ModelWeights;
import dev.tessera.tensor.Precision;
import dev.tessera.tensor.Torch;
import dev.tessera.ttt.FastWeightRule;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network that reconstructs a scene in one pass: VGGT (Wang et al., CVPR 2025), or VGG-T3 (CVPR
 * 2026) where the checkpoint has fast weights in its global layers. One instance holds the weights
 * once; scenes are computed one at a time.
 */
public final class Vggt implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Vggt.class);

  /** Linear layers of the transformer, by the ends of their names. */
  private static final List<String> HALVED =
      List.of(".attn.qkv", ".attn.proj", ".mlp.fc1", ".mlp.fc2");

  private final VggtConfig config;
  private final Precision precision;
  private final NDManager manager;
  private final Kernels kernels;
  private final ModelWeights weights;
  private final VisionTransformer vision;
  private final AlternatingAttention trunk;
  private final CameraHead camera;
  private final DptHead depth;
  private final DptHead points; // null where the checkpoint has none

  /**
   * How a pass is computed. Changes the memory it takes and the last digits, no more, but for the
   * steps.
   *
   * @param steps training steps of the fast weights; networks without them ignore it
   * @param tokensPerGroup tokens that are computed together, at least a view's
   * @param mapBytes memory for what the dense heads will see; the rest goes to a temporary file
   * @param featureBytes memory for features that are kept between training steps
   */
  public record Options(int steps, int tokensPerGroup, long mapBytes, long featureBytes)
      implements Serializable {
    private static final int STEPS = 2;
    private static final int TOKENS_PER_GROUP = 8192;
    private static final long MAP_BYTES = 1L << 30;
    private static final long FEATURE_BYTES = 1L << 30;

    public Options {
      if (steps < 1 || tokensPerGroup < 1) {
        throw new IllegalArgumentException(
            "Cannot compute %d steps on groups of %d tokens: both must be at least 1"
                .formatted(steps, tokensPerGroup));
      }
    }

    /** Two steps, as all published figures of VGG-T3. */
    public static Options defaults() {
      return new Options(STEPS, TOKENS_PER_GROUP, MAP_BYTES, FEATURE_BYTES);
    }

    public Options withSteps(int other) {
      return new Options(other, tokensPerGroup, mapBytes, featureBytes);
    }

    public Options withTokensPerGroup(int other) {
      return new Options(steps, other, mapBytes, featureBytes);
    }
  }

  private Vggt(
      VggtConfig config, Precision precision, NDManager manager, Kernels kernels, Checkpoint file) {
    this.config = config;
    this.precision = precision;
    this.manager = manager;
    this.kernels = kernels;
    Map<String, String> stored = requireFits(file, config);
    this.weights =
        ModelWeights.load(manager, kernels, file, stored, precision, Vggt::isHalvedInBf16);
    this.vision = new VisionTransformer(kernels, config, weights);
    this.trunk = new AlternatingAttention(kernels, config, weights);
    VggtConfig.Camera c = config.camera();
    this.camera =
        new CameraHead(
            kernels,
            weights.members("camera_head."),
            new CameraHead.Config(c.heads(), c.trunkDepth(), c.iterations()));
    this.depth =
        new DptHead(manager, kernels, weights.members("depth_head."), DptHead.Output.DEPTH);
    this.points =
        config.hasPointHead()
            ? new DptHead(manager, kernels, weights.members("point_head."), DptHead.Output.POINTS)
            : null;
  }

  /**
   * Opens a network.
   *
   * @param threads threads of this JVM that one operation may use
   * @throws IllegalArgumentException naming all tensors that are missing or of the wrong shape
   */
  public static Vggt open(
      Checkpoint checkpoint, VggtConfig config, Device device, int threads, Precision precision) {
    long start = System.nanoTime();
    NDManager manager = Torch.open(device, threads);
    try {
      Vggt network = new Vggt(config, precision, manager, Kernels.load(manager), checkpoint);
      LOG.info(
          "Loaded {}: {} million parameters, {} on {} with {} threads, {} s",
          checkpoint.path(),
          checkpoint.parameters() / 1_000_000,
          precision,
          device,
          threads,
          (System.nanoTime() - start) / 1_000_000 / 1e3);
      return network;
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  private static boolean isHalvedInBf16(String name) {
    return name.startsWith("aggregator.")
        && HALVED.stream().anyMatch(part -> name.contains(part + "."));
  }

  public VggtConfig config() {
    return config;
  }

  public Precision precision() {
    return precision;
  }

  /** Is told how many of the trunk's layers are done: 0 when the vision transformer is. */
  @FunctionalInterface
  public interface LayerProgress {
    LayerProgress NONE = (done, total) -> {};

    void done(int layers, int total);
  }

  /**
   * Compares a checkpoint with what the network needs.
   *
   * @throws IllegalArgumentException naming all tensors that are missing or of the wrong shape
   */
  public static Map<String, String> requireFits(Checkpoint checkpoint, VggtConfig config) {
    return checkpoint.require(VggtKeys.plan(config, new StoredSizes(checkpoint)));
  }

  /** How a checkpoint fits the network, unknown tensors included. */
  public static KeyMatch match(Checkpoint checkpoint, VggtConfig config) {
    return checkpoint.match(VggtKeys.plan(config, new StoredSizes(checkpoint)));
  }

  /**
   * Reconstructs a scene. The first image's camera is its frame; its scale is free.
   *
   * @param remember whether {@link VggtScene#memory} will be asked for
   */
  public VggtScene reconstruct(
      ViewImages images, Options options, boolean remember, LayerProgress progress)
      throws IOException {
    return reconstructTraced(images, options, remember, Trace.of(progress, config.depth()));
  }

  VggtScene reconstructTraced(ViewImages images, Options options, boolean remember, Trace trace)
      throws IOException {
    VggtScene scene = scene(images, options);
    try {
      List<NDArray> tokens = tokens(scene, images, true, trace);
      trace.layerDone(0);
      scene.write(trunk, mixer(options), tokens, remember, trace);
      scene.decodePoses(camera, null);
      return scene;
    } catch (IOException | RuntimeException | Error e) {
      scene.close();
      throw e;
    }
  }

  /**
   * Where images were taken that the scene has not seen; in the scene's frame. The memory is read
   * and not changed. Images of one call see each other in the camera head, so ask one at a time for
   * answers that do not depend on one another.
   *
   * @param memory as {@link #remembered} gave it
   */
  public VggtScene locate(LayerMemories memory, ViewImages images, Options options)
      throws IOException {
    VggtScene scene = scene(images, options);
    try {
      List<NDArray> tokens = tokens(scene, images, false, Trace.NONE);
      scene.read(trunk, mixer(options), tokens, memory);
      scene.decodePoses(camera, memory.cameraTokens());
      return scene;
    } catch (IOException | RuntimeException | Error e) {
      scene.close();
      throw e;
    }
  }

  /**
   * Puts what {@link VggtScene#memory} gave back on the device.
   *
   * @throws IllegalArgumentException if a network of other sizes gave it
   */
  public LayerMemories remembered(Map<String, HostTensor> memory) {
    return LayerMemories.of(manager, memory, config, precision.stream());
  }

  private AttentionMixer mixer(Options options) {
    return config
        .fastWeights()
        .<AttentionMixer>map(
            fast ->
                new FastWeightMixer(
                    kernels,
                    new FastWeightMixer.Config(
                        options.steps(), fast.baseLearningRate(), rule(fast)),
                    options.featureBytes()))
        .orElseGet(() -> new SoftmaxMixer(kernels, config.heads(), config.normEps()));
  }

  private static FastWeightRule rule(VggtConfig.FastWeightLayers fast) {
    boolean mean = fast.normalizeGradient() || fast.divideBySequence();
    return new FastWeightRule(fast.muonSteps(), mean, 1);
  }

  private VggtScene scene(ViewImages images, Options options) {
    int patch = config.patchSize();
    if (images.count() < 1 || images.height() % patch != 0 || images.width() % patch != 0) {
      throw new IllegalArgumentException(
          "Cannot reconstruct %d images of %d x %d pixels: their sides must be multiples of %d"
              .formatted(images.count(), images.width(), images.height(), patch));
    }
    NDManager scope = manager.newSubManager();
    TokenGrid grid =
        TokenGrid.of(
            scope,
            images.height() / patch,
            images.width() / patch,
            config.specialTokens(),
            config.headWidth(),
            config.ropeBase());
    return new VggtScene(this, scope, grid.as(precision.stream()), images.count(), options);
  }

  /** What enters the trunk, group after group of views; each image is read once. */
  private List<NDArray> tokens(VggtScene scene, ViewImages images, boolean first, Trace trace)
      throws IOException {
    int perGroup = scene.viewsPerGroup();
    List<NDArray> groups = new ArrayList<>();
    ByteBuffer pixels = room(images, Math.min(perGroup, images.count()));
    try (NDManager step = scene.scope().newSubManager()) {
      TokenGrid grid = scene.grid();
      NDArray positions = vision.positions(step, grid.patchRows(), grid.patchColumns());
      for (int from = 0; from < images.count(); from += perGroup) {
        int to = Math.min(from + perGroup, images.count());
        try (NDManager group = step.newSubManager()) {
          NDArray batch = images(group, images, from, to, pixels);
          NDArray patches = vision.patchTokens(group, batch, positions, trace);
          trace.stage("vit_patch_tokens", patches);
          groups.add(trunk.tokens(scene.scope(), patches, first && from == 0));
          trace.stage("tokens_in", groups.get(groups.size() - 1));
        }
      }
    }
    return groups;
  }

  /** Native memory is given back late: all groups of views use the same. */
  private static ByteBuffer room(ViewImages images, int views) {
    long bytes = (long) views * 3 * images.height() * images.width() * Float.BYTES;
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  /** (to - from, 3, height, width), which may lie in {@code pixels}. */
  private NDArray images(NDManager scope, ViewImages images, int from, int to, ByteBuffer pixels)
      throws IOException {
    int bytes = 3 * images.height() * images.width() * Float.BYTES;
    pixels.clear().limit((to - from) * bytes);
    for (int view = from; view < to; view++) {
      ByteBuffer one = pixels.slice((view - from) * bytes, bytes).order(ByteOrder.nativeOrder());
      images.read(view, one.asFloatBuffer());
    }
    Shape shape = new Shape(to - from, 3, images.height(), images.width());
    return scope
        .create(pixels.slice().order(ByteOrder.nativeOrder()), shape, DataType.FLOAT32)
        .toType(precision.stream(), false);
  }

  /** Bytes free on a GPU; empty on a CPU, whose memory the caller knows better. */
  public OptionalLong freeDeviceBytes() {
    return Torch.freeBytes(manager.getDevice());
  }

  /** Hands what a GPU's allocator holds back, so that a smaller scene may fit. */
  public void releaseCachedMemory() {
    Torch.releaseCached(manager.getDevice());
  }

  /** How many arrays the network holds, its weights and what its scenes have made included. */
  public int heldArrays() {
    return manager.getManagedArrays().size();
  }

  Kernels kernels() {
    return kernels;
  }

  DptHead depthHead() {
    return depth;
  }

  /**
   * The head that predicts points in the scene's frame.
   *
   * @throws IllegalArgumentException if the checkpoint has none
   */
  DptHead pointHead() {
    if (points == null) {
      throw new IllegalArgumentException("Cannot predict points: the weights have no point_head");
    }
    return points;
  }

  @Override
  public void close() {
    camera.close();
    depth.close();
    if (points != null) {
      points.close();
    }
    weights.close();
    kernels.close();
    manager.close();
  }
}
